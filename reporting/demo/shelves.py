"""The shelves of the factory and what stands on them."""

from dataclasses import dataclass

from inventory.models import Tracking


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """What articles that stand together have in common; each row is SKU, name, unit, price, weekly use."""

    category: str
    location: str
    seller: str
    rows: list[tuple[str, str, str, str, str]]
    tracking: str = Tracking.NONE
    shelf_life_days: int = 0


SHELVES = [
    Shelf(
        category="grains",
        location="SILO-1",
        seller="GORILLA-GRAINS",
        rows=[
            ("RM-1001", "White maize, grade 1", "TNE", "285", "46"),
            ("RM-1002", "Yellow maize", "TNE", "262", "8"),
        ],
    ),
    Shelf(
        category="grains",
        location="SILO-2",
        seller="GORILLA-GRAINS",
        rows=[
            ("RM-1003", "Hard wheat", "TNE", "355", "31"),
            ("RM-1004", "Soft wheat", "TNE", "332", "12"),
            ("RM-1005", "Red sorghum", "TNE", "301", "6"),
            ("RM-1006", "Finger millet", "TNE", "498", "3"),
        ],
    ),
    Shelf(
        category="grains",
        location="SILO-3",
        seller="PEARL-SOYA",
        rows=[
            ("RM-1007", "Soya beans, full fat", "TNE", "545", "9"),
            ("RM-1008", "Common beans, red", "TNE", "610", "2"),
            ("RM-1009", "Groundnuts, shelled", "KGM", "1.35", "420"),
        ],
    ),
    Shelf(
        category="ingredients",
        location="DRY-A1",
        seller="KILI-SWEET",
        rows=[
            ("RM-2001", "Sugar, white, 50 kg bag", "XBG", "41.50", "62"),
            ("RM-2002", "Sugar, brown, 50 kg bag", "XBG", "37.20", "14"),
            ("RM-2003", "Salt, iodised, 25 kg bag", "XBG", "6.80", "21"),
            ("RM-2004", "Cassava starch", "KGM", "0.82", "180"),
        ],
    ),
    Shelf(
        category="ingredients",
        location="COLD-1",
        seller="COAST-OILS",
        tracking=Tracking.LOT,
        shelf_life_days=240,
        rows=[
            ("RM-2101", "Palm olein, refined", "LTR", "1.18", "950"),
            ("RM-2102", "Sunflower oil, refined", "LTR", "1.62", "310"),
            ("RM-2103", "Soya lecithin", "KGM", "3.90", "24"),
        ],
    ),
    Shelf(
        category="ingredients",
        location="DRY-A2",
        seller="COAST-OILS",
        tracking=Tracking.LOT,
        shelf_life_days=300,
        rows=[
            ("RM-2201", "Full cream milk powder, 25 kg bag", "XBG", "96.00", "18"),
            ("RM-2202", "Skimmed milk powder, 25 kg bag", "XBG", "81.00", "11"),
            ("RM-2203", "Whey powder", "KGM", "1.95", "120"),
        ],
    ),
    Shelf(
        category="ingredients",
        location="COLD-1",
        seller="KILI-SWEET",
        tracking=Tracking.LOT,
        shelf_life_days=120,
        rows=[
            ("RM-2301", "Instant yeast", "KGM", "4.60", "32"),
            ("RM-2302", "Vanilla flavour, powder", "KGM", "17.50", "6"),
            ("RM-2303", "Strawberry flavour, powder", "KGM", "16.20", "4"),
        ],
    ),
    Shelf(
        category="premixes",
        location="COLD-1",
        seller="CAPE-NUTRI",
        tracking=Tracking.LOT,
        shelf_life_days=270,
        rows=[
            ("RM-3001", "Flour fortification premix", "KGM", "8.40", "38"),
            ("RM-3002", "Porridge premix, CSB++", "KGM", "9.75", "22"),
            ("RM-3003", "Vitamin A palmitate", "KGM", "42.00", "2.5"),
            ("RM-3004", "Ferrous fumarate", "KGM", "6.10", "7"),
            ("RM-3005", "Zinc oxide, food grade", "KGM", "5.30", "3"),
            ("RM-3006", "Calcium carbonate, food grade", "KGM", "0.95", "45"),
            ("RM-3007", "Alpha-amylase", "KGM", "21.00", "3.5"),
        ],
    ),
    Shelf(
        category="bags-and-film",
        location="PK-A1",
        seller="RIFT-PACK",
        rows=[
            ("PK-1001", "Paper bag 1 kg, maize flour", "EA", "0.058", "18000"),
            ("PK-1002", "Paper bag 2 kg, maize flour", "EA", "0.081", "12500"),
            ("PK-1003", "Paper bag 2 kg, wheat flour", "EA", "0.083", "9800"),
            ("PK-1004", "Woven bag 25 kg, maize flour", "EA", "0.34", "1400"),
            ("PK-1005", "Woven bag 50 kg, wheat flour", "EA", "0.46", "620"),
            ("PK-1006", "Woven bag 50 kg, bran", "EA", "0.38", "900"),
            ("PK-1007", "Bag sewing thread, 1 kg cone", "EA", "4.10", "9"),
        ],
    ),
    Shelf(
        category="bags-and-film",
        location="PK-A1",
        seller="PEARL-RIVER",
        rows=[
            ("PK-1101", "BOPP laminate, porridge 500 g", "KGM", "3.35", "140"),
            ("PK-1102", "BOPP laminate, porridge 1 kg", "KGM", "3.30", "95"),
            ("PK-1103", "Stretch film, 500 mm", "XRO", "7.90", "16"),
            ("PK-1104", "Shrink film, 600 mm", "XRO", "21.00", "7"),
        ],
    ),
    Shelf(
        category="cartons-and-labels",
        location="PK-B1",
        seller="RIFT-PACK",
        rows=[
            ("PK-2001", "Carton 24 x 500 g", "EA", "0.52", "1150"),
            ("PK-2002", "Carton 12 x 1 kg", "EA", "0.57", "980"),
            ("PK-2003", "Label, porridge 500 g", "MIL", "6.20", "28"),
            ("PK-2004", "Label, porridge 1 kg", "MIL", "6.90", "13"),
            ("PK-2005", "Packing tape, 48 mm", "XRO", "0.92", "75"),
            ("PK-2006", "Inkjet ribbon, black", "EA", "11.80", "5"),
            ("PK-2007", "Pallet, 1200 x 1000 mm", "XPX", "9.40", "22"),
        ],
    ),
    Shelf(
        category="flours",
        location="FG-01",
        seller="",
        tracking=Tracking.LOT,
        shelf_life_days=180,
        rows=[
            ("FG-1001", "Maize flour 1 kg, fortified", "EA", "0.62", "17500"),
            ("FG-1002", "Maize flour 2 kg, fortified", "EA", "1.19", "12100"),
            ("FG-1003", "Maize flour 25 kg, fortified", "EA", "13.40", "1350"),
            ("FG-1004", "Wheat flour 2 kg", "EA", "1.48", "9500"),
            ("FG-1005", "Wheat flour 50 kg, bakers", "EA", "31.50", "600"),
            ("FG-1006", "Maize bran 50 kg", "EA", "7.20", "870"),
        ],
    ),
    Shelf(
        category="porridges",
        location="FG-02",
        seller="",
        tracking=Tracking.LOT,
        shelf_life_days=270,
        rows=[
            ("FG-2001", "Sosoma porridge 500 g", "EA", "0.74", "26000"),
            ("FG-2002", "Sosoma porridge 1 kg", "EA", "1.41", "11800"),
            ("FG-2003", "CSB++ porridge 1 kg, vanilla", "EA", "1.63", "5200"),
            ("FG-2004", "Millet porridge 1 kg", "EA", "1.58", "2900"),
        ],
    ),
    Shelf(
        category="mill-parts",
        location="EN-A1",
        seller="MOLINO-ALPI",
        rows=[
            ("SP-1001", "Hammer mill sieve 0.8 mm", "EA", "78.00", "0.9"),
            ("SP-1002", "Hammer mill sieve 1.2 mm", "EA", "74.00", "0.7"),
            ("SP-1003", "Hammer set, 24 pieces", "SET", "165.00", "0.35"),
            ("SP-1004", "Roller mill, fluted roll 250 x 1000", "EA", "1890.00", "0.06"),
            ("SP-1005", "Plansifter cloth, 150 micron", "MTR", "39.00", "2.2"),
            ("SP-1006", "Plansifter cleaner brush", "EA", "6.80", "4"),
            ("SP-1007", "Aspirator seal kit", "KT", "54.00", "0.3"),
        ],
    ),
    Shelf(
        category="transmission",
        location="EN-A2",
        seller="DECCAN-DRIVES",
        rows=[
            ("SP-2001", "Deep groove ball bearing 6205-2RS", "EA", "4.10", "5"),
            ("SP-2002", "Deep groove ball bearing 6308-2RS", "EA", "9.60", "3"),
            ("SP-2003", "Spherical roller bearing 22212", "EA", "64.00", "0.5"),
            ("SP-2004", "V-belt SPB 2000", "EA", "11.20", "4"),
            ("SP-2005", "V-belt SPA 1250", "EA", "6.70", "3"),
            ("SP-2006", "Roller chain 12B-1, 5 m", "EA", "28.00", "0.8"),
            ("SP-2007", "Elevator bucket, 180 mm", "EA", "3.30", "9"),
            ("SP-2008", "Elevator belt, 200 mm", "MTR", "17.40", "3.5"),
        ],
    ),
    Shelf(
        category="electrical",
        location="EN-A2",
        seller="DECCAN-DRIVES",
        rows=[
            ("SP-3001", "Contactor 32 A, 230 V coil", "EA", "27.00", "0.9"),
            ("SP-3002", "Proximity switch M18", "EA", "19.00", "0.7"),
            ("SP-3003", "Motor protection relay 16-24 A", "EA", "31.00", "0.4"),
        ],
    ),
    Shelf(
        category="electrical",
        location="EN-A1",
        seller="MOLINO-ALPI",
        tracking=Tracking.SERIAL,
        rows=[
            ("SP-3101", "Geared motor 7.5 kW", "EA", "985.00", "0.02"),
            ("SP-3102", "Belt scale controller", "EA", "640.00", "0.01"),
        ],
    ),
    Shelf(
        category="lubricants-and-fuel",
        location="EN-OIL",
        seller="UMUJYI-SUPPLIES",
        rows=[
            ("SP-4001", "Diesel", "LTR", "1.28", "1150"),
            ("SP-4002", "Gear oil ISO 220, food grade", "LTR", "7.90", "18"),
            ("SP-4003", "Bearing grease, food grade", "KGM", "12.60", "4"),
            ("SP-4004", "LPG cylinder 50 kg", "EA", "84.00", "3"),
        ],
    ),
    Shelf(
        category="cleaning",
        location="GS-01",
        seller="UMUJYI-SUPPLIES",
        rows=[
            ("CS-1001", "Caustic soda flakes", "KGM", "1.10", "35"),
            ("CS-1002", "Chlorine, 65 % granules", "KGM", "3.40", "9"),
            ("CS-1003", "Hand soap", "LTR", "2.10", "20"),
            ("CS-1004", "Mop head, colour coded", "EA", "3.60", "5"),
        ],
    ),
    Shelf(
        category="safety",
        location="GS-01",
        seller="UMUJYI-SUPPLIES",
        rows=[
            ("CS-2001", "Hairnet, box of 100", "XBX", "4.80", "26"),
            ("CS-2002", "Nitrile gloves M, box of 100", "XBX", "6.90", "31"),
            ("CS-2003", "Dust mask FFP2, box of 20", "XBX", "11.50", "14"),
            ("CS-2004", "Safety shoes", "PR", "38.00", "2"),
            ("CS-2005", "Ear plugs, box of 200", "XBX", "19.00", "1.5"),
        ],
    ),
    Shelf(
        category="laboratory",
        location="KGL-LAB",
        seller="LAKE-LAB",
        tracking=Tracking.LOT,
        shelf_life_days=150,
        rows=[
            ("CS-3001", "Aflatoxin test strips, 25 tests", "KT", "128.00", "1.5"),
            ("CS-3002", "Falling number tubes, 50 pieces", "XBX", "46.00", "0.5"),
            ("CS-3003", "Nutrient agar 500 g", "XBO", "62.00", "0.6"),
            ("CS-3004", "Iodine check solution", "LTR", "24.00", "0.8"),
        ],
    ),
    Shelf(
        category="cartons-and-labels",
        location="PK-B1",
        seller="OLD-MILLERS",
        rows=[("PK-2901", "Label, porridge 500 g, old design", "MIL", "5.90", "0")],
    ),
]

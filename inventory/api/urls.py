from inventory.api.categories import CategoryViewSet
from inventory.api.counts import StockCountViewSet
from inventory.api.locations import LocationViewSet
from inventory.api.lots import LotViewSet
from inventory.api.units import UnitViewSet
from inventory.api.views import ItemViewSet, MovementViewSet
from ipms.api.routers import Router

router = Router()
router.register("items", ItemViewSet, basename="item")
router.register("categories", CategoryViewSet, basename="category")
router.register("locations", LocationViewSet, basename="location")
router.register("units", UnitViewSet, basename="unit")
router.register("lots", LotViewSet, basename="lot")
router.register("movements", MovementViewSet, basename="movement")
router.register("counts", StockCountViewSet, basename="count")

urlpatterns = router.urls

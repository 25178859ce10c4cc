from ipms.api.routers import Router
from procurement.api.goods_receipts import GoodsReceiptViewSet
from procurement.api.views import PurchaseOrderViewSet

router = Router()
router.register("purchase-orders", PurchaseOrderViewSet, basename="purchase-order")
router.register("goods-receipts", GoodsReceiptViewSet, basename="goods-receipt")

urlpatterns = router.urls

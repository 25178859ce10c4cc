from ipms.api.routers import Router
from suppliers.api.views import SupplierViewSet

router = Router()
router.register("suppliers", SupplierViewSet, basename="supplier")

urlpatterns = router.urls

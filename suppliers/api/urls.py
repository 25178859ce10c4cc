from ipms.api.routers import Router

router = Router()

urlpatterns = router.urls

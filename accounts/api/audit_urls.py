from accounts.api.audit import AuditEntryViewSet
from ipms.api.routers import Router

router = Router()
router.register("audit-log", AuditEntryViewSet, basename="audit-entry")

urlpatterns = router.urls

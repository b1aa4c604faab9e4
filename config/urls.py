"""All routes. Every view declares who may open it (offices.policy); a test walks this table."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language

from applications import urls as applications_urls
from complaints import urls as complaints_urls
from config import crawlers, views
from config.signin import urls as signin_urls
from kpi import api
from kpi import urls as kpi_urls
from offices import urls as offices_urls
from offices.policy import before_second_factor, public
from services import urls as services_urls

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("language/", before_second_factor(public(set_language)), name="set_language"),
    path("", include(signin_urls)),
    path("admin/", admin.site.urls),
    path("open/", api.open_index, name="open_index"),
    path("open/openapi.json", api.open_description, name="open_description"),
    re_path(r"^open/(?P<name>[a-z]+)\.(?P<suffix>json|csv)$", api.open_set, name="open_set"),
    path("", include(services_urls)),
    path("", include(offices_urls)),
    path("", include(applications_urls)),
    path("", include(complaints_urls)),
    path("", include(kpi_urls)),
]

handler400 = "config.views.bad_request"
handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.broken"

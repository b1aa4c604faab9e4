from django.urls import path, re_path

from services import public, views

urlpatterns = [
    path("find/", views.find, name="find"),
    path("services/", views.service_list, name="service_list"),
    path("services/<slug:code>/", views.service_detail, name="service_detail"),
    path("services/<slug:code>/checklist/", views.checklist, name="checklist"),
    path("services/<slug:code>/form/", views.blank, name="blank"),
    path("services/<slug:code>/annex/", public.annex, name="annex"),
    re_path(r"^services/(?P<code>[-\w]+)/annex\.(?P<suffix>json|pdf|svg|bpmn)$", public.annex_file, name="annex_file"),
    path("services/<slug:code>/comparison/", public.comparison, name="comparison"),
    path("services/<slug:code>/sheet/", public.sheet, name="sheet"),
    path("services/<slug:code>/sheet.pdf", public.sheet_file, name="sheet_file"),
]

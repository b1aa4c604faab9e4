from django.urls import path, re_path

from services import public, views
from services.editing import beginning as law_beginning
from services.editing import reading as law_reading
from services.editing import transfer as law_transfer
from services.editing import views as law

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
    path("services/<slug:code>/changes/", law_reading.service_changes, name="service_changes"),
    path("law/", law.law_list, name="law_list"),
    path("law/import/", law_transfer.law_import, name="law_import"),
    path("law/archive/", law_transfer.law_archive, name="law_archive"),
    path("law/archive/law.zip", law_transfer.law_everything, name="law_everything"),
    path("law/<int:pk>/", law.law_edition, name="law_edition"),
    path("law/<int:pk>/file.yaml", law_transfer.law_export, name="law_export"),
    path("law/<int:pk>/main/", law.law_main, name="law_main"),
    path("law/<int:pk>/copy/", law_beginning.law_copy, name="law_copy"),
    path("law/<int:pk>/amend/", law_beginning.law_amend, name="law_amend"),
    path("law/<int:pk>/difference/", law.law_difference, name="law_difference"),
    path("law/<int:pk>/history/", law.law_history, name="law_history"),
    path("law/<int:pk>/parts/<slug:part>/", law.law_part, name="law_part"),
    path("law/<int:pk>/parts/<slug:part>/<slug:row>/", law.law_row, name="law_row"),
]

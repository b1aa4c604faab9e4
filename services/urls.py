from django.urls import path

from services import views

urlpatterns = [
    path("find/", views.find, name="find"),
    path("services/", views.service_list, name="service_list"),
    path("services/<slug:code>/", views.service_detail, name="service_detail"),
    path("services/<slug:code>/checklist/", views.checklist, name="checklist"),
    path("services/<slug:code>/form/", views.blank, name="blank"),
]

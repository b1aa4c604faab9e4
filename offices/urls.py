from django.urls import path

from offices import views

urlpatterns = [
    path("offices/", views.office_list, name="office_list"),
    path("offices/<str:key>/", views.office_detail, name="office_detail"),
]

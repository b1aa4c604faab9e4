from django.urls import path

from applications import public, views

urlpatterns = [
    path("status/", public.status, name="status"),
    path("work/", views.my_work, name="my_work"),
    path("register/", views.register, name="register"),
    path("register/<int:office_id>/<int:edition_id>/", views.take_in, name="take_in"),
    path("cases/<int:pk>/", views.case, name="case"),
    path("cases/<int:pk>/<slug:act>/", views.act, name="act"),
    path("cases/<int:pk>/files/<int:attachment_id>", views.attachment, name="attachment"),
    path("papers/<uuid:key>.pdf", views.paper, name="paper"),
    path("packages/", views.packages, name="packages"),
    path("packages/<slug:act>/", views.scan, name="scan"),
    path("journal/", views.journal, name="journal"),
    path("search/", views.search, name="search"),
]

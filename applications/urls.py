from django.urls import path

from applications import hall_devices, hall_pages, personal, public, views

urlpatterns = [
    path("status/", public.status, name="status"),
    path("work/", views.my_work, name="my_work"),
    path("register/", views.register, name="register"),
    path("register/<int:office_id>/<int:edition_id>/", views.take_in, name="take_in"),
    path("cases/<int:pk>/", views.case, name="case"),
    path("cases/<int:pk>/iin/", personal.full_iin, name="full_iin"),
    path("cases/<int:pk>/data/", personal.case_data, name="case_data"),
    path("cases/<int:pk>/<slug:act>/", views.act, name="act"),
    path("cases/<int:pk>/files/<int:attachment_id>", views.attachment, name="attachment"),
    path("papers/<uuid:key>.pdf", views.paper, name="paper"),
    path("data-requests/", personal.data_requests, name="data_requests"),
    path("data-requests/<int:pk>/", personal.data_request, name="data_request"),
    path("packages/", views.packages, name="packages"),
    path("packages/<slug:act>/", views.scan, name="scan"),
    path("journal/", views.journal, name="journal"),
    path("hall/", hall_pages.halls, name="hall"),
    path("hall/<int:office_id>/talon/", hall_pages.talon, name="hall_talon"),
    path("hall/talons/<int:pk>/", hall_pages.slip, name="hall_slip"),
    path("hall/windows/<int:pk>/", hall_pages.window, name="hall_window"),
    path("hall/devices/", hall_pages.devices, name="hall_devices"),
    path("hall/devices/<int:pk>/withdraw/", hall_pages.withdraw_device, name="hall_withdraw_device"),
    path("hall/open/", hall_devices.open_device, name="hall_open"),
    path("hall/kiosk/", hall_devices.kiosk, name="hall_kiosk"),
    path("hall/kiosk/<uuid:key>/", hall_devices.kiosk_talon, name="hall_kiosk_talon"),
    path("hall/screen/", hall_devices.screen, name="hall_screen"),
    path("hall/screen/now/", hall_devices.screen_now, name="hall_screen_now"),
    path("hall/survey/", hall_devices.survey_tablet, name="hall_survey"),
    path("search/", views.search, name="search"),
]

"""What the worker takes away that nobody can see any more."""

import pytest

from meydan.accounts.public import DEMO_PASSWORD, open_account
from meydan.kernel.actor import SYSTEM
from meydan.kernel.clock import now
from meydan.messaging.actions.forgetting import forget_to_device
from meydan.messaging.models import Device, ToDeviceMessage

pytestmark = pytest.mark.django_db


def test_messages_to_devices_that_have_ended_go_and_others_stay() -> None:
    amina = open_account(
        SYSTEM, username="amina", name="Amina", email="amina@city.test", password=DEMO_PASSWORD, language="en"
    )
    kept = Device.objects.create(person="@amina:localhost", account=amina, device_id="A", made_at=now()).id
    for device in (kept, kept + 1, kept + 3):
        for pos in (1, 2):
            ToDeviceMessage.objects.create(device_id=device, pos=pos, body=b"{}")
    forget_to_device()
    assert list(ToDeviceMessage.objects.values_list("device_id", "pos")) == [(kept, 1), (kept, 2)]

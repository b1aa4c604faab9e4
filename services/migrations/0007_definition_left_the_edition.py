from django.db import migrations

from services.guards import guarded, lifted


class Migration(migrations.Migration):
    dependencies = [("services", "0006_whole_definition")]
    operations = [lifted, migrations.RemoveField(model_name="edition", name="definition"), guarded]

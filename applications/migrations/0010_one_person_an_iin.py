from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0009_seal_rows")]
    operations = [
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('iin_hash', ''), _negated=True), ('merged_into', None)), fields=('iin_hash',), name='one_person_an_iin'),
        ),
    ]

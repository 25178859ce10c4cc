"""A page brings no script that it does not need: a slow line pays for each."""

from django.urls import reverse

from inventory.tests.factories import ItemFactory
from ipms.testing.back_office import enter
from procurement.tests.factories import order


def page_of(user, name="inventory_item_change", *args):
    return enter(user).get(reverse(f"admin:{name}", args=args)).content.decode()


def test_who_may_only_read_a_record_gets_no_script_of_forms(staff):
    assert "/static/admin/js/" not in page_of(staff, "inventory_item_change", ItemFactory().pk)


def test_a_code_that_is_made_from_the_name_is_made_for_what_is_new_alone(manager):
    assert "urlify" in page_of(manager, "inventory_category_add")
    assert "urlify" not in page_of(manager, "inventory_category_change", ItemFactory().category_id)


def test_a_question_before_an_act_needs_no_script(manager):
    waiting = order()

    page = page_of(manager, "procurement_purchaseorder_action", waiting.pk, "reject")

    assert "/static/admin/js/" not in page

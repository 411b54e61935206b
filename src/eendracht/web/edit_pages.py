"""Pages on which records are made and changed."""

from __future__ import annotations

from starlette.responses import Response

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.errors import Denied, InvalidInput, NotFound
from eendracht.kit.pages import Visit
from eendracht.web.edit_view import EditForm, new_form, open_form, typed_form
from eendracht.web.ref_fields import pick_ref


def show_edit(visit: Visit) -> Response:
    """Show a record in a form, and record what is sent."""
    if visit.is_stale:
        return _show_again(visit, (visit.posted or {}).get("ref", [visit.name])[0])
    visit.require_session()
    form = open_form(visit.store, visit.principal, visit.name, visit.posted)
    assert form.record is not None
    return _handle(visit, form, visit.to("record", form.record.ref))


def may_write_somewhere(principal: Principal) -> bool:
    """Tell whether somebody may write for any organisation."""
    return principal.is_operator or any(role is Role.EDITOR for role, _ in principal.roles)


def show_kinds(visit: Visit) -> Response:
    """Ask of which kind something new is."""
    visit.require_session()
    if not may_write_somewhere(visit.principal):
        raise Denied("Recording something needs an editor role")
    kinds = sorted(((kind.name, visit.words.kind(kind.name)) for kind in visit.store.registry), key=lambda k: k[1])
    return visit.render("choose_kind.html", kinds=kinds)


def show_new(visit: Visit) -> Response:
    """Show the form of something new of a kind, and record what is sent."""
    if visit.is_stale:
        return _show_again(visit, visit.name + ":")
    visit.require_session()
    try:
        kind = visit.store.registry.get(visit.name)
    except InvalidInput:
        raise NotFound(f"There is no kind {visit.name[:60]}") from None
    return _handle(visit, new_form(visit.store, visit.principal, kind, visit.posted), visit.to("new"))


def _handle(visit: Visit, form: EditForm, back: str) -> Response:
    more = ((visit.posted or {}).get("more") or [""])[0]
    pick = ((visit.posted or {}).get("pick") or [""])[0]
    if pick:
        form.posted = pick_ref(form.posted, pick)
    if visit.posted is not None and not more and not pick:
        written = form.record_draft()
        if written is not None:
            visit.store.catch_up()
            return visit.redirect("record", written.ref, recorded=str(written.generation))
    view = form.view(visit.words, visit.to(visit.page.code, visit.name), back, more=more)
    status = 409 if view.changes is not None else 422 if view.links else 200
    return visit.render("edit.html", status, view=view)


def _show_again(visit: Visit, ref: str) -> Response:
    """Show what was typed to who was signed out, and nothing else: the record may be hidden from who asks now."""
    form = typed_form(visit.store, visit.principal, ref, visit.posted or {})
    if form is None:
        raise NotFound()
    view = form.view(visit.words, visit.to(visit.page.code, visit.name), visit.to("home"), is_stale=True)
    return visit.render("edit.html", 401 if visit.session is None else 403, view=view)

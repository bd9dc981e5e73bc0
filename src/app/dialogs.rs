//! The dialogs: the link of this session, and help. Both are the browser's own modal dialog.

use crate::engine::Answer;
use crate::glue;
use crate::i18n::fill;
use crate::icons;
use crate::page::{Page, use_page};
use crate::prefs;
use crate::state::{Action, Dialog};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

/// The dialog that is open, if one is.
#[function_component]
pub fn Dialogs() -> Html {
    match use_page().state.dialog {
        Some(Dialog::Share) => html! { <Share /> },
        Some(Dialog::Help) => html! { <Help /> },
        None => html! {},
    }
}

#[derive(PartialEq, Properties)]
struct FrameProps {
    class: &'static str,
    title: &'static str,
    children: Html,
}

/// A modal dialog with a title and a cross.
#[function_component]
fn Frame(props: &FrameProps) -> Html {
    let page = use_page();
    let dialog = use_node_ref();
    use_effect_with((), {
        let dialog = dialog.clone();
        move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                // It fails only where the dialog is open already.
                let _ = dialog.show_modal();
            }
        }
    });
    let onclose = Callback::from({
        let page = page.clone();
        move |_: Event| page.act(Action::SetDialog(None))
    });
    let close = {
        let dialog = dialog.clone();
        move || {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        }
    };
    // A click on the backdrop reaches the dialog itself, one inside reaches what lies on it.
    let onclick = Callback::from({
        let (close, dialog) = (close.clone(), dialog.clone());
        move |event: MouseEvent| {
            if event.target().map(JsValue::from) == dialog.get().map(JsValue::from) {
                close();
            }
        }
    });
    let cross = Callback::from(move |_: MouseEvent| close());
    html! {
        <dialog ref={dialog} class={props.class} aria-labelledby="dialog-title" {onclose} {onclick}>
            <div class="dialog-body">
                <div class="dialog-head">
                    <h2 id="dialog-title">{ props.title }</h2>
                    <button type="button" class="tool" aria-label={page.words().close} title={page.words().close} onclick={cross}>{ icons::cross() }</button>
                </div>
                { props.children.clone() }
            </div>
        </dialog>
    }
}

#[derive(Clone, PartialEq)]
enum Made {
    NotYet,
    Link(String),
    Refused,
}

/// The address of this page with the session in its fragment.
fn address(text: &str) -> String {
    let location = web_sys::window().map(|window| window.location());
    let part = |get: fn(&web_sys::Location) -> Result<String, JsValue>| {
        location.as_ref().and_then(|location| get(location).ok()).unwrap_or_default()
    };
    format!("{}{}#s={text}", part(web_sys::Location::origin), part(web_sys::Location::pathname))
}

/// Copies, and says how that went.
fn copy(page: &Page, link: &str) {
    let page = page.clone();
    let done = Closure::once_into_js(move |allowed: bool| {
        let words = page.words();
        let text = if allowed { words.share_copied } else { words.share_copy_failed };
        page.act(Action::Say(text.to_owned(), !allowed));
    });
    glue::copy_text(link, &done);
}

#[function_component]
fn Share() -> Html {
    let page = use_page();
    let words = page.words();
    let made = use_state(|| Made::NotYet);
    use_effect_with((), {
        let (engine, made) = (page.engine.clone(), made.clone());
        move |()| {
            engine.link(Callback::from(move |answer: Answer| {
                let text = answer.ok().and_then(|value| value.as_string());
                made.set(text.map_or(Made::Refused, |text| Made::Link(address(&text))));
            }));
        }
    });
    let body = match &*made {
        Made::NotYet => html! {},
        Made::Refused => html! { <p>{ words.share_too_long }</p> },
        Made::Link(link) => {
            let onclick = Callback::from({
                let (page, link) = (page.clone(), link.clone());
                move |_: MouseEvent| copy(&page, &link)
            });
            let select = Callback::from(|event: FocusEvent| {
                if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                    input.select();
                }
            });
            html! {
                <div class="share-row">
                    <input class="share-link" type="text" readonly=true aria-label={words.share_link} value={link.clone()} onfocus={select} />
                    <button type="button" class="primary" {onclick}>{ words.share_copy }</button>
                    <p class="figures">{ fill(words.share_characters, link.len()) }</p>
                </div>
            }
        }
    };
    html! {
        <Frame class="share-dialog" title={words.share_title}>
            <p>{ words.share_text }</p>
            { body }
        </Frame>
    }
}

#[function_component]
fn Help() -> Html {
    let page = use_page();
    let words = page.words();
    let on_spoken = Callback::from({
        let page = page.clone();
        move |_: MouseEvent| {
            let spoken = !page.state.spoken;
            prefs::set_spoken(spoken);
            page.act(Action::SetSpoken(spoken));
        }
    });
    let keys: [(&[&str], &str); 6] = [
        (&["Ctrl", "Shift", "C"], words.help_copy),
        (&["Ctrl", "Shift", "V"], words.help_paste),
        (&["Ctrl", "Shift", "F"], words.help_search),
        (&["F6"], words.help_panes),
        (&["←", "→"], words.help_switch),
        (&["Ctrl", "S"], words.help_save),
    ];
    html! {
        <Frame class="help-dialog" title={words.help_title}>
            <p>{ words.help_what }</p>
            <p>{ words.help_nothing_breaks }</p>
            <h3>{ words.help_keys }</h3>
            <dl class="shortcuts">
                { for keys.iter().map(|(keys, what)| html! {
                    <div>
                        <dt>{ for keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</dt>
                        <dd>{ *what }</dd>
                    </div>
                }) }
            </dl>
            <label class="choice"><input type="checkbox" checked={page.state.spoken} onclick={on_spoken} />{ words.help_spoken }</label>
        </Frame>
    }
}

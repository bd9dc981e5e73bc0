//! A plain line to type into the terminal: for touch keyboards, and for browsers whose input methods and xterm.js do
//! not get along (WebKit breaks Hangul apart). It sends what a keyboard would.

use crate::icons;
use crate::page::use_page;
use crate::state::Action;
use js_sys::Uint8Array;
use web_sys::{HtmlInputElement, SubmitEvent};
use yew::prelude::*;

/// Keys that a touch keyboard lacks: class, bytes.
const TAB: &[u8] = b"\t";
const INTERRUPT: &[u8] = b"\x03";
const UP: &[u8] = b"\x1b[A";
const DOWN: &[u8] = b"\x1b[B";

/// The line, behind its button.
#[function_component]
pub fn InputLine() -> Html {
    let page = use_page();
    let words = page.words();
    let shown = use_state(coarse_pointer);
    let toggle = Callback::from({
        let shown = shown.clone();
        move |_: MouseEvent| shown.set(!*shown)
    });
    html! {
        <div class="input-line" data-shown={shown.to_string()}>
            <button type="button" class="tool input-line-toggle" aria-expanded={shown.to_string()} aria-label={words.input_line}
                title={words.input_line_hint} onclick={toggle}>
                { icons::keyboard() }<span class="input-line-name">{ words.input_line }</span>
            </button>
            if *shown {
                <Line />
            }
            if !page.state.begun {
                <Suggestions />
            }
        </div>
    }
}

/// What to begin with, until something is typed. A click types it.
const SUGGESTIONS: [&str; 3] =
    ["docker run hello-world", "docker run -it alpine sh", "docker run -d --name redis redis"];

#[function_component]
fn Suggestions() -> Html {
    let page = use_page();
    let last = use_memo((), |()| crate::prefs::last_session());
    let chip = |command: &'static str| {
        let page = page.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            page.engine.keys(&page.state.active, &Uint8Array::from(format!("{command}\r").as_bytes()));
            page.act(Action::Begin);
            page.focus_terminal();
        });
        html! { <button type="button" class="quiet" {onclick}>{ command }</button> }
    };
    let restore = |_: String| {
        let onclick = Callback::from(|_: MouseEvent| crate::replay::restore());
        html! { <button type="button" class="quiet restore" {onclick}>{ page.words().restore }</button> }
    };
    html! {
        <div class="suggestions" role="group" aria-label={page.words().suggestions}>
            { for (*last).clone().map(restore) }
            <span aria-hidden="true">{ page.words().suggestions }</span>
            { for SUGGESTIONS.into_iter().take(if last.is_some() { 1 } else { 3 }).map(chip) }
        </div>
    }
}

/// True on devices that are touched: there the line stands open.
fn coarse_pointer() -> bool {
    let window = web_sys::window();
    window
        .and_then(|window| window.match_media("(pointer: coarse)").ok().flatten())
        .is_some_and(|query| query.matches())
}

#[function_component]
fn Line() -> Html {
    let page = use_page();
    let words = page.words();
    let input = use_node_ref();
    let send = {
        let page = page.clone();
        move |bytes: &[u8]| {
            page.engine.keys(&page.state.active, &Uint8Array::from(bytes));
            page.act(Action::Begin);
        }
    };
    use_effect_with((), {
        let input = input.clone();
        move |()| {
            if let Some(input) = input.cast::<HtmlInputElement>().filter(|_| !coarse_pointer()) {
                let _ = input.focus();
            }
        }
    });
    // A form, not a listener for Enter: Enter that ends a composition submits nothing.
    let onsubmit = Callback::from({
        let (input, send) = (input.clone(), send.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(input) = input.cast::<HtmlInputElement>() {
                send(format!("{}\r", input.value()).as_bytes());
                input.set_value("");
            }
        }
    });
    // Tab completes what stands in the line: the line goes to the terminal, and Tab after it.
    let complete = Callback::from({
        let (input, send) = (input.clone(), send.clone());
        move |_: MouseEvent| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                send(input.value().as_bytes());
                send(TAB);
                input.set_value("");
            }
        }
    });
    let key = |bytes: &'static [u8]| {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send(bytes))
    };
    html! {
        <form class="line" {onsubmit}>
            <input ref={input} type="text" aria-label={words.input_line_label} placeholder={words.input_line_label} autocomplete="off"
                autocapitalize="off" autocorrect="off" spellcheck="false" enterkeyhint="send" />
            <button type="submit" class="tool" aria-label={words.send} title={words.send}>{ icons::enter() }</button>
            <span class="keys">
                <button type="button" class="key" onclick={complete}>{ words.key_tab }</button>
                <button type="button" class="key" aria-label={words.key_up} onclick={key(UP)}>{ icons::arrow(true) }</button>
                <button type="button" class="key" aria-label={words.key_down} onclick={key(DOWN)}>{ icons::arrow(false) }</button>
                <button type="button" class="key" onclick={key(INTERRUPT)}>{ words.key_interrupt }</button>
            </span>
        </form>
    }
}

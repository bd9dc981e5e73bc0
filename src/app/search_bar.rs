//! Finding text in the terminal in front.

use crate::icons;
use crate::page::use_page;
use crate::state::Action;
use web_sys::{HtmlInputElement, SubmitEvent};
use yew::prelude::*;

/// The bar.
#[function_component]
pub fn SearchBar() -> Html {
    let page = use_page();
    let words = page.words();
    let input = use_node_ref();
    let missed = use_state(|| false);
    use_effect_with((), {
        let input = input.clone();
        move |()| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                let _ = input.focus();
            }
        }
    });
    let find = {
        let (page, input, missed) = (page.clone(), input.clone(), missed.clone());
        move |forward: bool| {
            let text = input.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default();
            if let Some(terminal) = page.engine.terminal(&page.state.active).filter(|_| !text.is_empty()) {
                missed.set(!terminal.find(&text, forward));
            }
        }
    };
    let onsubmit = Callback::from({
        let find = find.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            // From the newest line upwards, as people look for what has just scrolled away.
            find(false);
        }
    });
    let next = Callback::from({
        let find = find.clone();
        move |_: MouseEvent| find(true)
    });
    let close = {
        let page = page.clone();
        move || {
            if let Some(terminal) = page.engine.terminal(&page.state.active) {
                terminal.clear_find();
            }
            page.act(Action::SetSearching(false));
            page.focus_terminal();
        }
    };
    let onkeydown = Callback::from({
        let close = close.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                close();
            }
        }
    });
    let close = Callback::from(move |_: MouseEvent| close());
    html! {
        <form class="search" role="search" {onsubmit} {onkeydown}>
            <input ref={input} type="text" aria-label={words.search} placeholder={words.search} autocomplete="off" spellcheck="false" />
            <span class="search-state" role="status">{ if *missed { words.search_none } else { "" } }</span>
            <button type="submit" class="tool" aria-label={words.search_previous} title={words.search_previous}>{ icons::arrow(true) }</button>
            <button type="button" class="tool" aria-label={words.search_next} title={words.search_next} onclick={next}>{ icons::arrow(false) }</button>
            <button type="button" class="tool" aria-label={words.close} title={words.close} onclick={close}>{ icons::cross() }</button>
        </form>
    }
}

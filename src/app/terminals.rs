//! The terminals: their tabs, one view each, the search bar, the input line.

use crate::i18n::fill;
use crate::icons;
use crate::input_line::InputLine;
use crate::page::use_page;
use crate::search_bar::SearchBar;
use crate::state::Action;
use crate::terminal::TerminalView;
use yew::prelude::*;

fn tab_id(tty: &str) -> String {
    format!("tab-{tty}")
}

/// The left pane.
#[function_component]
pub fn Terminals() -> Html {
    let page = use_page();
    let words = page.words();
    html! {
        <section class="terminals" aria-label={words.terminals}>
            <TabBar />
            if page.state.searching {
                <SearchBar />
            }
            <div class="screens">
                { for page.state.tabs.iter().map(|tab| {
                    let active = tab.tty == page.state.active;
                    html! {
                        <div key={tab.tty.clone()} class="screen" role="tabpanel" id={format!("screen-{}", tab.tty)}
                            aria-labelledby={tab_id(&tab.tty)} aria-hidden={(!active).to_string()} data-active={active.to_string()}>
                            <TerminalView tty={tab.tty.clone()} replayed={tab.replayed} {active} />
                        </div>
                    }
                }) }
            </div>
            <InputLine />
        </section>
    }
}

#[function_component]
fn TabBar() -> Html {
    let page = use_page();
    let words = page.words();
    let open = Callback::from({
        let page = page.clone();
        move |_: MouseEvent| page.act(Action::OpenTerminal)
    });
    // The arrows move through the tabs, as the pattern for tabs says.
    let onkeydown = Callback::from({
        let page = page.clone();
        move |event: KeyboardEvent| {
            let forward = match event.key().as_str() {
                "ArrowRight" => true,
                "ArrowLeft" => false,
                _ => return,
            };
            event.prevent_default();
            page.act(Action::Step(forward));
        }
    });
    let bar = use_node_ref();
    // Where the focus is in the tabs it goes along with the choice; where it is in a terminal, that one takes it.
    use_effect_with(page.state.active.clone(), {
        let bar = bar.clone();
        move |active: &String| {
            let Some(bar) = bar.cast::<web_sys::Element>() else { return };
            let within = bar.query_selector("[role=tab]:focus").ok().flatten().is_some();
            let tab = bar.query_selector(&format!("#tab-{active}")).ok().flatten();
            if let Some(whole) = tab.as_ref().and_then(|tab| tab.parent_element()) {
                bring_into_view(&bar, &whole);
            }
            if let Some(tab) =
                tab.filter(|_| within).and_then(|tab| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(tab).ok())
            {
                let _ = tab.focus();
            }
        }
    });
    html! {
        <div class="tabbar">
            <div class="tabs" role="tablist" aria-label={words.terminals} ref={bar} {onkeydown}>
                { for page.state.tabs.iter().map(|tab| html! { <TabButton key={tab.tty.clone()} tty={tab.tty.clone()} /> }) }
            </div>
            <button type="button" class="tool add-tab" aria-label={words.new_terminal} title={words.new_terminal} onclick={open}>{ icons::plus() }</button>
        </div>
    }
}

/// Scrolls the tabs sideways, as far as it takes to see one whole.
fn bring_into_view(bar: &web_sys::Element, tab: &web_sys::Element) {
    let (window, tab) = (bar.get_bounding_client_rect(), tab.get_bounding_client_rect());
    let past = (tab.right() - window.right()).max(0.0) + (tab.left() - window.left()).min(0.0);
    bar.set_scroll_left(bar.scroll_left() + past.round() as i32);
}

#[derive(PartialEq, Properties)]
struct TabProps {
    tty: AttrValue,
}

#[function_component]
fn TabButton(props: &TabProps) -> Html {
    let page = use_page();
    let words = page.words();
    let tty = props.tty.to_string();
    let active = page.state.active == tty;
    let choose = Callback::from({
        let (page, tty) = (page.clone(), tty.clone());
        move |event: MouseEvent| {
            // A terminal in the back cannot take the focus yet; it does when it is drawn in front, if the tab lets go.
            if let Some(tab) = event.target_dyn_into::<web_sys::HtmlElement>() {
                let _ = tab.blur();
            }
            page.act(Action::Activate(tty.clone()));
            if let Some(terminal) = page.engine.terminal(&tty) {
                terminal.focus();
            }
        }
    });
    // For the mouse alone: a list of tabs may hold nothing but tabs, and Delete closes the one that has the focus.
    let close = Callback::from({
        let (page, tty) = (page.clone(), tty.clone());
        move |_: MouseEvent| page.act(Action::CloseTerminal(tty.clone()))
    });
    let onkeydown = Callback::from({
        let (page, tty) = (page.clone(), tty.clone());
        move |event: KeyboardEvent| {
            if event.key() == "Delete" {
                page.act(Action::CloseTerminal(tty.clone()));
            }
        }
    });
    html! {
        <div class="tab" data-active={active.to_string()} role="presentation">
            <button type="button" role="tab" id={tab_id(&tty)} aria-selected={active.to_string()} aria-controls={format!("screen-{tty}")}
                aria-keyshortcuts="Delete" tabindex={if active { "0" } else { "-1" }} onclick={choose} {onkeydown}>{ fill(words.terminal, &tty) }</button>
            <span class="tab-close" aria-hidden="true" title={fill(words.close_terminal, &tty)} onclick={close}>{ icons::cross() }</span>
        </div>
    }
}

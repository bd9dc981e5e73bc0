//! One terminal: an xterm.js in a box, tied to a tty of the machine for as long as it stands on the page.

use crate::glue::{self, Terminal};
use crate::i18n::fill;
use crate::page::{Page, use_page};
use crate::state::Action;
use js_sys::Uint8Array;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// A paste larger than this is refused: it would hold the terminal up for minutes of machine time.
pub const PASTE_LIMIT: u32 = 64 * 1024;

/// Which terminal.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The machine's name for it.
    pub tty: String,
    /// True where the machine knows it already.
    pub replayed: bool,
    /// True for the one in front.
    pub active: bool,
}

/// The closures that xterm.js calls; they live as long as the terminal.
struct Handlers {
    data: Closure<dyn FnMut(Uint8Array)>,
    resize: Closure<dyn FnMut(u16, u16)>,
    paste_refused: Closure<dyn FnMut(f64)>,
    shortcut: Closure<dyn FnMut(String)>,
}

impl Handlers {
    /// `page` is asked at the time of each call: a closure outlives the state that it was made with.
    fn new(page: &Rc<RefCell<Page>>, tty: &str) -> Handlers {
        let engine = page.borrow().engine.clone();
        let now = |page: &Rc<RefCell<Page>>| page.borrow().clone();
        Handlers {
            data: Closure::new({
                let (page, engine, tty) = (page.clone(), engine.clone(), tty.to_owned());
                move |bytes: Uint8Array| {
                    engine.keys(&tty, &bytes);
                    let fresh = !page.borrow().state.touched;
                    if fresh {
                        now(&page).act(Action::Begin);
                    }
                }
            }),
            resize: Closure::new({
                let tty = tty.to_owned();
                move |cols, rows| engine.resize(&tty, cols, rows)
            }),
            paste_refused: Closure::new({
                let page = page.clone();
                move |bytes: f64| {
                    let page = now(&page);
                    page.act(Action::Say(fill(page.words().paste_refused, (bytes / 1024.0).ceil()), true));
                }
            }),
            shortcut: Closure::new({
                let page = page.clone();
                move |name: String| match name.as_str() {
                    "search" => now(&page).act(Action::SetSearching(true)),
                    "next-pane" => focus_pane(true),
                    "previous-pane" => focus_pane(false),
                    _ => {}
                }
            }),
        }
    }
}

/// Moves the focus out of the terminal: on to the input line or the files, or back to the tabs.
fn focus_pane(forward: bool) {
    let selector = if forward { ".input-line-toggle" } else { "[role=tab][aria-selected=true]" };
    let document = web_sys::window().and_then(|window| window.document());
    let target = document.and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        let _ = target.focus();
    }
}

fn mount(page: &Rc<RefCell<Page>>, host: &Element, tty: &str, replayed: bool) -> (Terminal, Handlers) {
    let handlers = Handlers::new(page, tty);
    let page = page.borrow();
    let object = glue::handlers([
        ("data", handlers.data.as_ref()),
        ("resize", handlers.resize.as_ref()),
        ("pasteRefused", handlers.paste_refused.as_ref()),
        ("shortcut", handlers.shortcut.as_ref()),
    ]);
    let label = fill(page.words().terminal_label, tty);
    let terminal = glue::create_terminal(host, &object, &label, PASTE_LIMIT, page.state.spoken);
    if !replayed {
        let size = terminal.size();
        let side = |index| size.get(index).as_f64().unwrap_or_default() as u16;
        page.engine.open(tty, side(0), side(1));
    }
    page.engine.attach(tty, terminal.clone());
    (terminal, handlers)
}

/// The view.
#[function_component]
pub fn TerminalView(props: &Props) -> Html {
    let page = use_page();
    let host = use_node_ref();
    let current = use_mut_ref(|| page.clone());
    current.replace(page.clone());
    let terminal = use_mut_ref(|| None::<Terminal>);

    use_effect_with(props.tty.clone(), {
        let (host, current, terminal, replayed) = (host.clone(), current.clone(), terminal.clone(), props.replayed);
        move |tty: &String| {
            let mounted = host.cast::<Element>().map(|host| mount(&current, &host, tty, replayed));
            terminal.replace(mounted.as_ref().map(|(terminal, _)| terminal.clone()));
            let tty = tty.clone();
            move || {
                let engine = current.borrow().engine.clone();
                engine.close(&tty);
                engine.detach(&tty);
                if let Some((terminal, _handlers)) = mounted {
                    terminal.dispose();
                }
            }
        }
    });
    use_effect_with(props.active, {
        let terminal = terminal.clone();
        move |active: &bool| {
            if let Some(terminal) = terminal.borrow().as_ref().filter(|_| *active && focus_is_free()) {
                terminal.focus();
            }
        }
    });
    use_effect_with(page.state.spoken, {
        let terminal = terminal.clone();
        move |spoken: &bool| {
            if let Some(terminal) = terminal.borrow().as_ref() {
                terminal.speak(*spoken);
            }
        }
    });
    use_effect_with((page.state.language, props.tty.clone()), {
        move |(language, tty): &(crate::i18n::Language, String)| {
            if let Some(terminal) = terminal.borrow().as_ref() {
                terminal.relabel(&fill(language.words().terminal_label, tty));
            }
        }
    });
    html! { <div class="xterm-host" ref={host}></div> }
}

/// True unless somebody is using another part of the page: a terminal that comes to the front takes the focus only then.
fn focus_is_free() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    let focused = document.and_then(|document| document.active_element());
    focused.is_none_or(|focused| focused.closest("[role=tab], .files, dialog, .input-line").ok().flatten().is_none())
}

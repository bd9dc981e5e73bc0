//! The page as a whole: starts the session, and lays the parts out.

use crate::dialogs::Dialogs;
use crate::engine::{Answer, Engine, Report};
use crate::files::FilesPane;
use crate::glue;
use crate::header::Header;
use crate::page::Page;
use crate::prefs;
use crate::replay::{Failure, Replay, Waiting};
use crate::splitter::Splitter;
use crate::state::{Action, Pane, Phase, State};
use crate::terminals::Terminals;
use crate::toasts::Toasts;
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use yew::prelude::*;

/// The part of the address that holds a link: `#s=…`.
fn link_in_address() -> Option<String> {
    let hash = web_sys::window()?.location().hash().ok()?;
    hash.strip_prefix("#s=").map(str::to_owned)
}

/// The seed in the address (`?seed=1`), else one of the browser's.
fn seed() -> f64 {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    let given =
        search.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("seed=")?.parse::<u32>().ok());
    given.map_or_else(|| (js_sys::Math::random() * f64::from(u32::MAX)).floor(), f64::from)
}

#[hook]
fn use_session() -> Page {
    let link = use_memo((), |()| prefs::take_restore().or_else(link_in_address));
    let state = use_reducer(|| State::new(link.is_some()));
    // Started while drawing, not after it: the terminals' own first messages must find a world.
    let engine = use_memo((), |()| Engine::start(seed(), link.as_deref()));
    let engine = (*engine).clone();
    use_effect_with((), {
        let (engine, dispatcher) = (engine.clone(), state.dispatcher());
        move |()| {
            let follower = engine.clone();
            engine.listen(Callback::from(move |report: Report| {
                if report == Report::Replayed {
                    follower.follow_all();
                }
                dispatcher.dispatch(Action::Report(report));
            }));
            // Another link opened in this tab changes only the fragment.
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "hashchange", |_| {
                    if let Some(window) = web_sys::window().filter(|_| link_in_address().is_some()) {
                        glue::guard(false);
                        let _ = window.location().reload();
                    }
                })
            });
            move || drop(listener)
        }
    });
    use_effect_with(state.language, |language| {
        let root =
            web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
        if let Some(root) = root {
            // Setting an attribute of a valid name cannot fail.
            let _ = root.set_attribute("lang", language.tag());
        }
    });
    use_effect_with(state.theme, |theme| glue::set_theme(theme.name()));
    use_effect_with((state.touched, state.phase == Phase::Running), |(touched, running)| {
        glue::guard(*touched && *running);
    });
    use_keeping(&state, &engine);
    Page { state, engine }
}

/// The session is put by so long after the machine fell quiet, and not more often.
const KEEP_MS: u32 = 1500;

/// Puts the session by when the machine falls quiet: a page that was reloaded by mistake can go on with it.
#[hook]
fn use_keeping(state: &UseReducerHandle<State>, engine: &Engine) {
    let timer = use_mut_ref(|| None::<Timeout>);
    let (engine, running) = (engine.clone(), state.touched && state.phase == Phase::Running);
    use_effect_with(state.quiet, move |_| {
        if !running || timer.borrow().is_some() {
            return;
        }
        let due = timer.clone();
        *timer.borrow_mut() = Some(Timeout::new(KEEP_MS, move || {
            let fired = due.borrow_mut().take();
            drop(fired);
            engine.link(Callback::from(|answer: Answer| {
                if let Some(link) = answer.ok().and_then(|value| value.as_string()) {
                    prefs::set_last_session(&link);
                }
            }));
        }));
    });
}

/// The terminals' share of the width, in percent, until somebody moves the line: in a window of 1280 pixels a line of
/// `docker ps` then fits.
const SPLIT: f64 = 71.0;

/// The page.
#[function_component]
pub fn App() -> Html {
    let page = use_session();
    let split = use_state(|| prefs::split().unwrap_or(SPLIT));
    let state = &page.state;
    let on_split = Callback::from({
        let split = split.clone();
        move |percent: f64| {
            prefs::set_split(percent);
            split.set(percent);
        }
    });
    let pane = match state.pane {
        Pane::Terminals => "terminals",
        Pane::Files => "files",
    };
    html! {
        <ContextProvider<Page> context={page.clone()}>
            <Header />
            <main class="deck" data-pane={pane} data-files={state.files_shown.to_string()} style={format!("--split: {:.2}%", *split)}>
                <Terminals />
                <Splitter percent={*split} on_change={on_split} />
                <FilesPane />
            </main>
            if let Phase::Replaying { .. } = &state.phase {
                <Replay />
            }
            if let Phase::Failed { missing, reason } = &state.phase {
                <Failure missing={*missing} reason={reason.clone()} />
            }
            if state.waiting {
                <Waiting />
            }
            <Toasts />
            <Dialogs />
        </ContextProvider<Page>>
    }
}

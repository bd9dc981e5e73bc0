//! What covers the terminals: while the machine replays a link or waits for the network, and when it has stopped for good.

use crate::glue;
use crate::header::clock;
use crate::i18n::fill;
use crate::page::use_page;
use crate::prefs;
use crate::state::Phase;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Leaves the link behind and starts afresh.
fn restart() {
    glue::guard(false);
    if let Some(location) = web_sys::window().map(|window| window.location()) {
        // An address without its fragment is a new page; where the browser refuses, the old one stays as it is.
        let _ = location.set_hash("").and_then(|()| location.reload());
    }
}

/// Goes on with the session that was put by last.
pub fn restore() {
    prefs::restore_next();
    restart();
}

/// A replay's progress.
#[function_component]
pub fn Replay() -> Html {
    let page = use_page();
    let words = page.words();
    let Phase::Replaying { done, total, now_ms, .. } = page.state.phase else { return html! {} };
    let onclick = Callback::from(|_: MouseEvent| restart());
    html! {
        <div class="veil" role="region" aria-label={words.replay_title}>
            <div class="card">
                <h2>{ words.replay_title }</h2>
                <progress aria-label={words.replay_title} max={total.max(1).to_string()} value={done.to_string()}></progress>
                <p class="figures">
                    <span>{ fill(words.replay_text, format!("{done} / {total}")) }</span>
                    <span>{ fill(words.virtual_time, clock(now_ms)) }</span>
                </p>
                <button type="button" class="quiet" {onclick}>{ words.replay_cancel }</button>
            </div>
        </div>
    }
}

/// The machine stands still until the network is back.
#[function_component]
pub fn Waiting() -> Html {
    let page = use_page();
    let words = page.words();
    html! {
        <div class="veil" role="alert">
            <div class="card">
                <h2>{ words.waiting_title }</h2>
                <p>{ words.waiting_text }</p>
            </div>
        </div>
    }
}

/// Why the machine stopped.
#[derive(PartialEq, Properties)]
pub struct FailureProps {
    /// Whether for want of a file of the page's.
    pub missing: bool,
    /// The technical reason.
    pub reason: String,
}

/// The end.
#[function_component]
pub fn Failure(props: &FailureProps) -> Html {
    let page = use_page();
    let words = page.words();
    let button = use_node_ref();
    use_effect_with((), {
        let button = button.clone();
        move |()| {
            if let Some(button) = button.cast::<HtmlElement>() {
                // The terminal behind takes no keys any more.
                let _ = button.focus();
            }
        }
    });
    let (title, text, again) = match props.missing {
        true => (words.missing_title, words.missing_text, words.missing_reload),
        false => (words.failed_title, words.failed_text, words.failed_restart),
    };
    let onclick = Callback::from(|_: MouseEvent| restart());
    let back = |_: String| {
        let onclick = Callback::from(|_: MouseEvent| restore());
        html! { <button type="button" class="quiet" {onclick}>{ words.restore }</button> }
    };
    html! {
        <div class="veil" role="alert">
            <div class="card">
                <h2>{ title }</h2>
                <p>{ text }</p>
                <pre tabindex="0">{ &props.reason }</pre>
                <p class="choices">
                    <button type="button" class="primary" ref={button} {onclick}>{ again }</button>
                    { for prefs::last_session().filter(|_| page.state.touched).map(back) }
                </p>
            </div>
        </div>
    }
}

//! What covers the terminals while the machine replays a link, and when it has stopped for good.

use crate::header::clock;
use crate::i18n::fill;
use crate::page::use_page;
use crate::state::Phase;
use yew::prelude::*;

/// Leaves the link behind and starts afresh.
fn restart() {
    if let Some(location) = web_sys::window().map(|window| window.location()) {
        // An address without its fragment is a new page; where the browser refuses, the old one stays as it is.
        let _ = location.set_hash("").and_then(|()| location.reload());
    }
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

/// Why the machine stopped.
#[derive(PartialEq, Properties)]
pub struct FailureProps {
    /// The technical reason.
    pub reason: String,
}

/// The end.
#[function_component]
pub fn Failure(props: &FailureProps) -> Html {
    let page = use_page();
    let words = page.words();
    let onclick = Callback::from(|_: MouseEvent| restart());
    html! {
        <div class="veil" role="alert">
            <div class="card">
                <h2>{ words.failed_title }</h2>
                <p>{ words.failed_text }</p>
                <pre tabindex="0">{ &props.reason }</pre>
                <button type="button" class="primary" {onclick}>{ words.failed_restart }</button>
            </div>
        </div>
    }
}

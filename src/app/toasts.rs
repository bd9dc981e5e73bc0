//! Short messages in the corner. News goes by itself, an error stays until it is dismissed.

use crate::icons;
use crate::page::use_page;
use crate::state::{Action, Toast};
use gloo::timers::callback::Timeout;
use yew::prelude::*;

const NEWS_MS: u32 = 6000;

/// The corner. It stands on the page from the start, so that screen readers hear what comes into it.
#[function_component]
pub fn Toasts() -> Html {
    let page = use_page();
    let (errors, news): (Vec<&Toast>, Vec<&Toast>) = page.state.toasts.iter().partition(|toast| toast.error);
    let list = |toasts: Vec<&Toast>| {
        toasts.into_iter().map(|toast| html! { <Message key={toast.id} toast={toast.clone()} /> }).collect::<Html>()
    };
    html! {
        <div class="toasts">
            <div role="alert">{ list(errors) }</div>
            <div role="status">{ list(news) }</div>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct Props {
    toast: Toast,
}

#[function_component]
fn Message(props: &Props) -> Html {
    let page = use_page();
    let Toast { id, text, error } = props.toast.clone();
    let dispatcher = page.state.dispatcher();
    use_effect_with(id, move |id| {
        let id = *id;
        let timer = (!error).then(|| Timeout::new(NEWS_MS, move || dispatcher.dispatch(Action::Dismiss(id))));
        move || drop(timer)
    });
    let dismiss = Callback::from({
        let page = page.clone();
        move |_: MouseEvent| page.act(Action::Dismiss(id))
    });
    html! {
        <div class="toast" data-error={error.to_string()}>
            <p>{ text }</p>
            <button type="button" class="tool" aria-label={page.words().dismiss} onclick={dismiss}>{ icons::cross() }</button>
        </div>
    }
}

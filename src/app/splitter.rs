//! The line between the terminals and the files: dragged, or moved with the arrows.

use crate::page::use_page;
use web_sys::{Element, PointerEvent};
use yew::prelude::*;

const LEAST: f64 = 30.0;
const MOST: f64 = 80.0;

/// Where it stands, and who hears of a move.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The terminals' share of the width, in percent.
    pub percent: f64,
    /// Hears of a new share.
    pub on_change: Callback<f64>,
}

/// The line.
#[function_component]
pub fn Splitter(props: &Props) -> Html {
    let page = use_page();
    let handle = use_node_ref();
    let dragging = use_state(|| false);
    let change = {
        let on_change = props.on_change.clone();
        move |percent: f64| on_change.emit(percent.clamp(LEAST, MOST))
    };
    let onpointerdown = Callback::from({
        let (handle, dragging) = (handle.clone(), dragging.clone());
        move |event: PointerEvent| {
            if let Some(handle) = handle.cast::<Element>() {
                // Without capture the drag ends at the line's edge; nothing else is lost.
                let _ = handle.set_pointer_capture(event.pointer_id());
                dragging.set(true);
            }
        }
    });
    let onpointermove = Callback::from({
        let (handle, change, dragging) = (handle.clone(), change.clone(), dragging.clone());
        move |event: PointerEvent| {
            if let Some(deck) =
                handle.cast::<Element>().filter(|_| *dragging).and_then(|handle| handle.parent_element())
            {
                let bounds = deck.get_bounding_client_rect();
                if bounds.width() > 0.0 {
                    change((f64::from(event.client_x()) - bounds.left()) / bounds.width() * 100.0);
                }
            }
        }
    });
    let drop = {
        let dragging = dragging.clone();
        Callback::from(move |_: PointerEvent| dragging.set(false))
    };
    let percent = props.percent;
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let moved = match event.key().as_str() {
            "ArrowLeft" => percent - 2.0,
            "ArrowRight" => percent + 2.0,
            "Home" => LEAST,
            "End" => MOST,
            _ => return,
        };
        event.prevent_default();
        change(moved);
    });
    html! {
        <div ref={handle} class="splitter" role="separator" aria-orientation="vertical" tabindex="0" aria-label={page.words().resize_panes}
            aria-valuenow={format!("{percent:.0}")} aria-valuemin={LEAST.to_string()} aria-valuemax={MOST.to_string()}
            data-dragging={dragging.to_string()} {onpointerdown} {onpointermove} onpointerup={drop.clone()} onpointercancel={drop} {onkeydown}></div>
    }
}

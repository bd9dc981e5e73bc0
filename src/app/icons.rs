//! Icons, drawn on a grid of 24 with one stroke, in the colour of the text beside them.

use yew::prelude::*;

fn icon(paths: &[&'static str]) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            { for paths.iter().map(|d| html! { <path d={*d} /> }) }
        </svg>
    }
}

/// A hull in its dock: the mark.
pub fn mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <path class="mark-dock" d="M3 7v16a4 4 0 0 0 4 4h18a4 4 0 0 0 4-4V7" />
            <path class="mark-hull" d="M8.5 9h15c0 6.5-2.6 11.6-6 14.4h-3c-3.4-2.8-6-7.9-6-14.4Z" />
            <path class="mark-keel" d="M10 16.5h12a21 21 0 0 1-4.5 6.9h-3a21 21 0 0 1-4.5-6.9Z" />
        </svg>
    }
}

/// A plus.
pub fn plus() -> Html {
    icon(&["M12 5v14", "M5 12h14"])
}

/// A cross.
pub fn cross() -> Html {
    icon(&["M6 6l12 12", "M18 6L6 18"])
}

/// A link.
pub fn link() -> Html {
    icon(&[
        "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.6 1.6",
        "M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.6-1.6",
    ])
}

/// Half light, half dark.
pub fn half() -> Html {
    icon(&["M12 4a8 8 0 1 0 0 16z M12 4a8 8 0 0 1 0 16", "M12 4v16"])
}

/// A clock.
pub fn clock() -> Html {
    icon(&["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16", "M12 7.5V12l3 2"])
}

/// The sun.
pub fn sun() -> Html {
    icon(&[
        "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8",
        "M12 2.5v2 M12 19.5v2 M2.5 12h2 M19.5 12h2 M5.3 5.3l1.4 1.4 M17.3 17.3l1.4 1.4 M5.3 18.7l1.4-1.4 M17.3 6.7l1.4-1.4",
    ])
}

/// The moon.
pub fn moon() -> Html {
    icon(&["M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z"])
}

/// A question mark.
pub fn question() -> Html {
    icon(&["M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 1.8v.4", "M12 17.5v.1"])
}

/// Two panes side by side.
pub fn panes() -> Html {
    icon(&["M5 5h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z", "M14 5v14"])
}

/// A prompt.
pub fn prompt() -> Html {
    icon(&["M5 7l5 5-5 5", "M12 17h7"])
}

/// A folder, closed or open.
pub fn folder(open: bool) -> Html {
    if open {
        icon(&["M4 18V6.5a1 1 0 0 1 1-1h4l2 2h7a1 1 0 0 1 1 1V10", "M4 18l2.4-7.3a1 1 0 0 1 1-.7h12.8l-2.5 8z"])
    } else {
        icon(&["M4 6.5a1 1 0 0 1 1-1h4l2 2h8a1 1 0 0 1 1 1V17a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1z"])
    }
}

/// A file.
pub fn file() -> Html {
    icon(&["M7 4h7l4 4v11a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z", "M14 4v4h4"])
}

/// A keyboard.
pub fn keyboard() -> Html {
    icon(&[
        "M4 7h16a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1z",
        "M7 10.5h.1 M10.4 10.5h.1 M13.7 10.5h.1 M17 10.5h.1 M8 13.8h8",
    ])
}

/// An arrow to the left, as on the Enter key.
pub fn enter() -> Html {
    icon(&["M19 6v5a2 2 0 0 1-2 2H6", "M9.5 9.5L6 13l3.5 3.5"])
}

/// An arrow up or down.
pub fn arrow(up: bool) -> Html {
    if up { icon(&["M12 19V5", "M6.5 10.5L12 5l5.5 5.5"]) } else { icon(&["M12 5v14", "M6.5 13.5L12 19l5.5-5.5"]) }
}

//! Redis 6's piece: a skyline as in the backgrounds of 8 bit games, in four grays.

use super::canvas::Canvas;
use crate::server::{Cx, Fail};

struct Skyscraper {
    left: i64,
    width: i64,
    height: i64,
    windows: bool,
    color: u8,
}

/// Draws it: `[columns [rows]]` stand from argument `first` on.
pub fn draw(cx: &mut Cx<'_>, first: usize) -> Result<String, Fail> {
    let columns = super::size(cx, first, 80, (1, 1000))?;
    let rows = super::size(cx, first + 1, 20, (1, 1000))?;
    let mut canvas = Canvas::new(columns, rows, 3);
    for color in [2, 1] {
        behind(cx, &mut canvas, color);
    }
    before(cx, &mut canvas);
    let mut text = render(&canvas);
    text.push_str(
        "\nDedicated to the 8 bit game developers of past and present.\nOriginal 8 bit image from Plaguemon by hikikomori. ",
    );
    Ok(text)
}

fn random(cx: &mut Cx<'_>, below: usize) -> i64 {
    cx.s.random_below(below) as i64
}

/// A random part of the canvas's height, over `parts`.
fn storeys(cx: &mut Cx<'_>, canvas: &Canvas, parts: i64) -> i64 {
    random(cx, canvas.height as usize) / parts
}

/// A row of skyscrapers without windows; the lighter ones stand behind.
fn behind(cx: &mut Cx<'_>, canvas: &mut Canvas, color: u8) {
    let mut left = -10;
    while left < canvas.width {
        left += random(cx, 8);
        let width = 10 + random(cx, 9);
        let height = canvas.height / 2 + storeys(cx, canvas, if color == 2 { 2 } else { 3 });
        build(cx, canvas, &Skyscraper { left, width, height, windows: false, color });
        left += if color == 2 { width / 2 } else { width + 1 };
    }
}

/// The row in front, with windows.
fn before(cx: &mut Cx<'_>, canvas: &mut Canvas) {
    let mut left = -10;
    while left < canvas.width {
        left += random(cx, 8);
        let mut width = 5 + random(cx, 14);
        if width % 4 != 0 {
            width += width % 3;
        }
        let height = canvas.height / 3 + storeys(cx, canvas, 2);
        build(cx, canvas, &Skyscraper { left, width, height, windows: true, color: 0 });
        left += width + 5;
    }
}

fn build(cx: &mut Cx<'_>, canvas: &mut Canvas, it: &Skyscraper) {
    let ground = canvas.height - 1;
    let roof = ground - it.height + 1;
    let right = it.left + it.width;
    for y in (roof..=ground).rev() {
        for x in it.left..right {
            // The roof is four pixels less wide.
            if y == roof && (x <= it.left + 1 || x >= right - 2) {
                continue;
            }
            let inner = x > it.left + 1 && x < right - 2 && y > roof + 1 && y < ground - 1;
            let (column, row) = (x - (it.left + 1), y - (roof + 1));
            let mut color = it.color;
            // A window is two pixels wide and one high: a terminal's signs are no squares.
            if it.windows && inner && column / 2 % 2 != 0 && row % 2 != 0 {
                color = 1 + random(cx, 2) as u8;
                if column % 2 != 0 {
                    color = canvas.get(x - 1, y);
                }
            }
            canvas.set(x, y, color);
        }
    }
}

fn render(canvas: &Canvas) -> String {
    let mut text = String::new();
    for y in 0..canvas.height {
        for x in 0..canvas.width {
            // Black, two grays, white; foreground and background alike, so that all terminals show the same.
            text.push_str(match canvas.get(x, y) {
                1 => "\x1b[0;90;100m \x1b[0m",
                2 => "\x1b[0;37;47m \x1b[0m",
                3 => "\x1b[0;97;107m \x1b[0m",
                _ => "\x1b[0;30;40m \x1b[0m",
            });
        }
        if y != canvas.height - 1 {
            text.push('\n');
        }
    }
    text
}

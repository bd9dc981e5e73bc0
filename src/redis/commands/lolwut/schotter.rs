//! Redis 5's piece: Georg Nees's `Schotter`, rows of squares that fall out of order.

use super::canvas::Canvas;
use crate::server::{Cx, Fail};

/// Draws it: `[columns [squares per row [squares per column]]]` stand from argument `first` on.
pub fn draw(cx: &mut Cx<'_>, first: usize) -> Result<String, Fail> {
    let columns = super::size(cx, first, 66, (1, 1000))?;
    let per_row = super::size(cx, first + 1, 8, (1, 200))?;
    let per_column = super::size(cx, first + 2, 12, (1, 200))?;
    let mut text = render(&squares(cx, columns, per_row, per_column));
    text.push_str("\nGeorg Nees - schotter, plotter on paper, 1968. ");
    Ok(text)
}

fn squares(cx: &mut Cx<'_>, columns: i64, per_row: i64, per_column: i64) -> Canvas {
    let width = columns * 2;
    let padding = if width > 4 { 2 } else { 0 };
    let side = (width - padding * 2) as f32 / per_row as f32;
    let mut canvas = Canvas::new(width, (side * per_column as f32 + (padding * 2) as f32) as i64, 0);
    let middle = |n: i64| (n as f32 * side + side / 2.0 + padding as f32) as i64;
    for row in 0..per_column {
        for column in 0..per_row {
            let (mut x, mut y, mut angle) = (middle(column), middle(row), 0.0);
            if row > 1 {
                // The further down, the less in order.
                let most = row as f32 / per_column as f32;
                angle = disorder(cx, most);
                x = (x as f32 + disorder(cx, most) * side / 3.0) as i64;
                y = (y as f32 + disorder(cx, most) * side / 3.0) as i64;
            }
            canvas.square(x, y, side, angle);
        }
    }
    canvas
}

/// A number between `-most` and `most`.
fn disorder(cx: &mut Cx<'_>, most: f32) -> f32 {
    let part = cx.s.random_below(1 << 24) as f32 / (1 << 24) as f32;
    if cx.s.random_below(2) == 1 { -part * most } else { part * most }
}

/// The dots of a Braille sign, in the order of the bits of its code: two columns of four rows.
const DOTS: [(i64, i64); 8] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];

fn render(canvas: &Canvas) -> String {
    let mut text = String::new();
    for y in (0..canvas.height).step_by(4) {
        for x in (0..canvas.width).step_by(2) {
            let lit = DOTS.iter().enumerate().filter(|(_, (dx, dy))| canvas.get(x + dx, y + dy) != 0);
            let bits = lit.fold(0, |bits, (bit, _)| bits | 1 << bit);
            text.extend(char::from_u32(0x2800 + bits));
        }
        if y != canvas.height - 1 {
            text.push('\n');
        }
    }
    text
}

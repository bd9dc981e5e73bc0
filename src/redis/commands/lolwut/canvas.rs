//! A small picture: pixels of a few colours, and what is drawn on them.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

/// Pixels in rows, the first at the left top. What is drawn outside is left out.
pub struct Canvas {
    pub width: i64,
    pub height: i64,
    pixels: Vec<u8>,
}

impl Canvas {
    /// A canvas of one colour.
    pub fn new(width: i64, height: i64, color: u8) -> Canvas {
        let count = usize::try_from(width.max(0) * height.max(0)).unwrap_or(0);
        Canvas { width, height, pixels: vec![color; count] }
    }

    fn place(&self, x: i64, y: i64) -> Option<usize> {
        let inside = (0..self.width).contains(&x) && (0..self.height).contains(&y);
        if inside { usize::try_from(y * self.width + x).ok() } else { None }
    }

    /// The colour at a place, 0 outside.
    pub fn get(&self, x: i64, y: i64) -> u8 {
        self.place(x, y).and_then(|at| self.pixels.get(at)).copied().unwrap_or(0)
    }

    /// Gives a place a colour.
    pub fn set(&mut self, x: i64, y: i64, color: u8) {
        if let Some(pixel) = self.place(x, y).and_then(|at| self.pixels.get_mut(at)) {
            *pixel = color;
        }
    }

    /// A line by Bresenham's algorithm.
    fn line(&mut self, from: (i64, i64), to: (i64, i64)) {
        let (dx, dy) = ((to.0 - from.0).abs(), (to.1 - from.1).abs());
        let step = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
        let (mut x, mut y) = from;
        let mut error = dx - dy;
        for _ in 0..=dx + dy {
            self.set(x, y, 1);
            if (x, y) == to {
                return;
            }
            let twice = error * 2;
            if twice > -dy {
                error -= dy;
                x += step.0;
            }
            if twice < dx {
                error += dx;
                y += step.1;
            }
        }
    }

    /// A square around a place, turned by an angle in radians.
    pub fn square(&mut self, x: i64, y: i64, side: f32, angle: f32) {
        let radius = f64::from(side / std::f32::consts::SQRT_2).round();
        let mut at = (FRAC_PI_4 + f64::from(angle)) as f32;
        let corners = [(); 4].map(|()| {
            let (sin, cos) = f64::from(at).sin_cos();
            at = (f64::from(at) + FRAC_PI_2) as f32;
            ((sin * radius + x as f64).round() as i64, (cos * radius + y as f64).round() as i64)
        });
        for (from, to) in corners.iter().zip(corners.iter().cycle().skip(1)) {
            self.line(*from, *to);
        }
    }
}

//! `--latency-dist`: how long PING takes, as a line of colours for each second.

use super::{pause, reconnecting};
use crate::console::Run;
use crate::session::Session;

/// Microseconds between two samples.
const SAMPLE_EVERY: u64 = 10_000;
/// Milliseconds that a line covers.
const INTERVAL: u64 = 1000;
/// Lines after which the legend comes again.
const LEGEND_EVERY: u64 = 20;

/// The longest latency of each place in the line, in microseconds, and its character; what is longer has a `?`.
const PLACES: &[(u64, char)] = &[
    (10, '.'),
    (125, '-'),
    (250, '*'),
    (500, '#'),
    (1000, '1'),
    (2000, '2'),
    (3000, '3'),
    (4000, '4'),
    (5000, '5'),
    (6000, '6'),
    (7000, '7'),
    (8000, '8'),
    (9000, '9'),
    (10_000, 'A'),
    (20_000, 'B'),
    (30_000, 'C'),
    (40_000, 'D'),
    (50_000, 'E'),
    (100_000, 'F'),
    (200_000, 'G'),
    (300_000, 'H'),
    (400_000, 'I'),
    (500_000, 'J'),
    (1_000_000, 'K'),
    (2_000_000, 'L'),
    (4_000_000, 'M'),
    (8_000_000, 'N'),
    (16_000_000, 'O'),
    (30_000_000, 'P'),
    (60_000_000, 'Q'),
    (u64::MAX, '?'),
];

/// Colours of a terminal of 256, from none to all.
const COLOURS: &[u8] = &[0, 233, 234, 235, 237, 239, 241, 243, 245, 247, 144, 143, 142, 184, 226, 214, 208, 202, 196];
/// The same with `--mono`.
const GREYS: &[u8] = &[0, 233, 234, 235, 237, 239, 241, 243, 245, 247, 249, 251, 253];

/// Runs the mode; it ends with Ctrl-C.
pub async fn run(session: &mut Session) -> Run<()> {
    let interval = if session.options.interval == 0 { INTERVAL } else { session.options.interval / 1000 };
    let palette = if session.options.modes.mono { GREYS } else { COLOURS };
    let mut counts = vec![0u64; PLACES.len()];
    let (mut start, mut lines) = (session.sys.now(), 0u64);
    loop {
        let sent = session.sys.now();
        reconnecting(session, &["PING"]).await?;
        let latency = session.sys.now().since(sent).as_micros() as u64;
        if let Some(count) = counts.iter_mut().zip(PLACES).find(|(_, (most, _))| latency <= *most).map(|(n, _)| n) {
            *count += 1;
        }
        if session.sys.now().since(start).as_millis() as u64 > interval {
            if lines.is_multiple_of(LEGEND_EVERY) {
                session.out.print(legend(palette));
            }
            lines += 1;
            session.out.print(line(&counts, palette));
            session.out.flush().await;
            counts.fill(0);
            start = session.sys.now();
        }
        pause(session, SAMPLE_EVERY).await;
    }
}

fn line(counts: &[u64], palette: &[u8]) -> String {
    let total = counts.iter().sum::<u64>().max(1);
    let mut out = String::from("\x1b[38;5;0m");
    for (count, (_, character)) in counts.iter().zip(PLACES) {
        let index = (*count as f64 / total as f64 * (palette.len() - 1) as f64).ceil() as usize;
        let colour = palette.get(index).copied().unwrap_or(0);
        out.push_str(&format!("\x1b[48;5;{colour}m{character}"));
    }
    out + "\x1b[0m\n"
}

fn legend(palette: &[u8]) -> String {
    let rule = "-".repeat(45);
    let scale: String = palette.iter().map(|colour| format!("\x1b[48;5;{colour}m ")).collect();
    format!(
        "{rule}\n\
         . - * #          .01 .125 .25 .5 milliseconds\n\
         1,2,3,...,9      from 1 to 9     milliseconds\n\
         A,B,C,D,E        10,20,30,40,50  milliseconds\n\
         F,G,H,I,J        .1,.2,.3,.4,.5       seconds\n\
         K,L,M,N,O,P,Q,?  1,2,4,8,16,30,60,>60 seconds\n\
         From 0 to 100%: {scale}\x1b[0m\n{rule}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_tells_the_part_of_all() {
        let mut counts = vec![0; PLACES.len()];
        counts[1] = 3;
        counts[3] = 1;
        let line = line(&counts, COLOURS);
        assert!(line.starts_with("\x1b[38;5;0m\x1b[48;5;0m.\x1b[48;5;226m-\x1b[48;5;0m*\x1b[48;5;239m#"), "{line:?}");
        assert!(line.ends_with("\x1b[48;5;0m?\x1b[0m\n"));
    }
}

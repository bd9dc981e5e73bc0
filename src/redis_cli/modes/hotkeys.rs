//! `--hotkeys`: the keys with the highest access frequency (needs an LFU maxmemory policy).

use resp::reply::Reply;

use super::{
    catch_interrupt, database_size, for_each_key, pause, percent, progress_bar, read_only, scan_step, was_interrupted,
};
use crate::console::Run;
use crate::session::Session;
use crate::words;

/// How many are kept.
const MOST: usize = 16;

/// Runs the mode.
pub async fn run(session: &mut Session) -> Run<()> {
    catch_interrupt(session);
    let total = database_size(session).await?;
    session.out.print(
        "\n# Scanning the entire keyspace to find hot keys as well as\n\
         # average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n\
         # per 100 SCAN commands (not usually needed).\n\n",
    );
    read_only(session).await?;
    // Coldest first.
    let mut hot: Vec<(u64, String)> = Vec::new();
    let (mut cursor, mut sampled, mut loops, mut stop) = (0, 0u64, 0u64, false);
    let mut part;
    loop {
        part = 100.0 * sampled as f64 / total as f64;
        let (keys, next) = scan_step(session, cursor).await?;
        loops += 1;
        let commands: Vec<_> = keys.iter().map(|k| vec![b"OBJECT".to_vec(), b"FREQ".to_vec(), k.clone()]).collect();
        for (key, reply) in keys.iter().zip(for_each_key(session, &commands).await?) {
            let key = words::quote(key);
            sampled += 1;
            let frequency = match reply {
                Reply::Integer(n) => n.max(0) as u64,
                Reply::Error(text) => {
                    let text = [b"Error: ", text.as_slice(), b"\n"].concat();
                    return session.out.fail(text).await;
                }
                _ => {
                    session
                        .out
                        .error(format!("Warning: OBJECT freq on '{key}' failed (may have been deleted)\n"))
                        .await;
                    0
                }
            };
            if keep(&mut hot, frequency, &key) && !session.out.tty {
                let text = format!("[{}%] Hot key {key} found so far with counter {frequency}\n", percent(part));
                session.out.print(text);
            }
        }
        stop |= was_interrupted(session);
        if session.options.interval > 0 && loops.is_multiple_of(100) {
            stop |= pause(session, session.options.interval).await;
        }
        if stop || next == 0 {
            break;
        }
        cursor = next;
    }
    let out = &mut session.out;
    if out.tty {
        out.print(progress_bar(sampled, total));
        out.print("\x1b[2K\r\n".repeat(MOST + 1));
        out.print(format!("\x1b[{}A\r", MOST + 1));
    }
    out.print("\n-------- summary -------\n\n");
    if !out.tty {
        if stop {
            out.print(format!("[{}%] ", percent(part)));
        }
        out.print(format!("Sampled {sampled} keys in the keyspace!\n"));
    }
    for (counter, key) in hot.iter().rev() {
        out.print(format!("hot key found with counter: {counter}\tkeyname: {key}\n"));
    }
    Ok(())
}

/// Keeps a key if it is hotter than the coldest kept.
fn keep(hot: &mut Vec<(u64, String)>, frequency: u64, key: &str) -> bool {
    let place = hot.iter().take_while(|(f, _)| frequency > *f).count();
    let full = hot.len() >= MOST;
    if frequency == 0 || (full && place == 0) {
        return false;
    }
    hot.insert(place, (frequency, key.to_owned()));
    if full {
        hot.remove(0);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hottest_sixteen_are_kept() {
        let mut hot = Vec::new();
        for f in [5, 3, 9, 0, 3] {
            keep(&mut hot, f, "k");
        }
        assert_eq!(hot.iter().map(|(f, _)| *f).collect::<Vec<_>>(), [3, 3, 5, 9]);
        (10..30).for_each(|f| _ = keep(&mut hot, f, "k"));
        assert_eq!(hot.first().map(|h| h.0), Some(14));
        assert!(!keep(&mut hot, 14, "k"));
    }
}

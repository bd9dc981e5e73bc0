//! `--lru-test`: reads and writes keys of which few are common, and tells once a second how many were found.

use resp::reply::Reply;

use super::for_each_key;
use crate::console::Run;
use crate::session::Session;

/// Milliseconds that a line covers.
const CYCLE: u64 = 1000;
/// Requests that go at once.
const PIPELINE: usize = 250;
/// How steeply keys become rare.
const ALPHA: f64 = -6.2;

/// Runs the mode; it ends with Ctrl-C.
pub async fn run(session: &mut Session) -> Run<()> {
    loop {
        let start = session.sys.now().as_millis();
        let (mut hits, mut misses) = (0u64, 0u64);
        while session.sys.now().as_millis() - start < CYCLE {
            let writes: Vec<_> =
                (0..PIPELINE).map(|_| vec![b"SET".to_vec(), key(session), value(session.sys.random_u64())]).collect();
            for_each_key(session, &writes).await?;
            let reads: Vec<_> = (0..PIPELINE).map(|_| vec![b"GET".to_vec(), key(session)]).collect();
            for reply in for_each_key(session, &reads).await? {
                match reply {
                    Reply::Error(text) => session.out.error([text.as_slice(), b"\n"].concat()).await,
                    Reply::Nil => misses += 1,
                    _ => hits += 1,
                }
            }
        }
        let gets = hits + misses;
        let part = |n: u64| if gets == 0 { 0.0 } else { n as f64 / gets as f64 * 100.0 };
        session.out.print(format!(
            "{gets} Gets/sec | Hits: {hits} ({:.2}%) | Misses: {misses} ({:.2}%)\n",
            part(hits),
            part(misses)
        ));
        session.out.settle().await;
    }
}

/// Five characters from `A` on.
fn value(mut random: u64) -> Vec<u8> {
    let span = u64::from(b'z' - b'A');
    (0..5)
        .map(|_| {
            let character = b'A' + (random % span) as u8;
            random /= span;
            character
        })
        .collect()
}

fn key(session: &Session) -> Vec<u8> {
    let part = session.sys.random_u64() as f64 / u64::MAX as f64;
    format!("lru:{}", common(session.options.modes.lru_keys, part)).into_bytes()
}

/// A number from 1 to `most`, small ones seldom: as the power law has it for `part` of the way.
fn common(most: i64, part: f64) -> i64 {
    let end = (most.saturating_add(1) as f64).powf(ALPHA + 1.0);
    let law = ((end - 1.0) * part + 1.0).powf(1.0 / (ALPHA + 1.0));
    most.saturating_sub(law as i64).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lie_within_the_range_and_most_at_its_end() {
        assert_eq!((common(100, 0.0), common(100, 1.0)), (100, 0));
        let common: Vec<i64> = (0..100).map(|n| common(100, f64::from(n) / 100.0)).collect();
        assert!(common.iter().filter(|n| **n == 100).count() > 90, "{common:?}");
    }
}

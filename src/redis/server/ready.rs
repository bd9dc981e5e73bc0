//! The connections that have something to be sent.

/// Numbers of connections, each there once or more: what is told for each reply must be cheap, and what is asked once a
/// turn puts them in order.
#[derive(Debug, Default)]
pub struct Ready {
    all: Vec<u64>,
    /// So many are there once, in order: those behind them may be repeated.
    sorted: usize,
}

/// As many may be there unsorted, however few they are.
const FEW: usize = 64;

impl Ready {
    /// A connection has something to be sent.
    #[inline]
    pub fn insert(&mut self, conn: u64) {
        if self.all.last() != Some(&conn) {
            self.all.push(conn);
            if self.all.len() - self.sorted > self.sorted + FEW {
                self.sort();
            }
        }
    }

    /// It has nothing any more. Whether it had.
    pub fn remove(&mut self, conn: &u64) -> bool {
        self.sort();
        let place = self.all.binary_search(conn);
        if let Ok(at) = place {
            self.all.remove(at);
            self.sorted -= 1;
        }
        place.is_ok()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.all.clear();
        self.sorted = 0;
    }

    /// All of them by number, each once.
    pub fn take(&mut self) -> Vec<u64> {
        self.sort();
        self.sorted = 0;
        std::mem::take(&mut self.all)
    }

    fn sort(&mut self) {
        self.all.sort_unstable();
        self.all.dedup();
        self.sorted = self.all.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn is_the_set_of_what_was_told() {
        let (mut ready, mut model, mut state) = (Ready::default(), BTreeSet::new(), 1u64);
        for n in 0..20_000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let conn = (state >> 33) % 100;
            if n % 7 == 3 {
                assert_eq!(ready.remove(&conn), model.remove(&conn));
            } else {
                ready.insert(conn);
                model.insert(conn);
            }
            assert_eq!(ready.is_empty(), model.is_empty());
            if n % 1000 == 999 {
                assert!(ready.all.len() <= 2 * model.len() + FEW + 1);
                assert_eq!(ready.take(), std::mem::take(&mut model).into_iter().collect::<Vec<_>>());
            }
        }
        ready.insert(3);
        ready.clear();
        assert!(ready.is_empty() && ready.take().is_empty());
    }
}

//! The smallest list that still fails: delta debugging.

/// Takes entries away, in ever smaller groups, as long as `fails` holds of the rest; asks at most `limit` times.
pub async fn shrink<T: Clone>(items: &[T], limit: usize, mut fails: impl AsyncFnMut(&[T]) -> bool) -> Vec<T> {
    let mut kept = items.to_vec();
    let mut asked = 0;
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        let mut smaller = false;
        // From the end: what comes last is what fails, and what it stands on comes before it.
        while start < kept.len() {
            if asked >= limit {
                return kept;
            }
            let end = kept.len() - start;
            let begin = end.saturating_sub(size);
            let rest: Vec<T> = kept.iter().take(begin).chain(kept.iter().skip(end)).cloned().collect();
            asked += 1;
            if fails(&rest).await {
                (kept, smaller) = (rest, true);
            } else {
                start += size;
            }
        }
        if size == 1 && !smaller {
            break;
        }
        size = if smaller { size.min(kept.len()) } else { size / 2 };
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_not_needed_to_fail_is_taken_away() {
        let items: Vec<u32> = (0..100).collect();
        let kept = shrink(&items, 1000, async |rest: &[u32]| rest.contains(&3) && rest.contains(&77)).await;
        assert_eq!(kept, [3, 77]);
    }

    #[tokio::test]
    async fn it_asks_no_more_often_than_it_may() {
        let mut asked = 0;
        let items: Vec<u32> = (0..100).collect();
        let kept = shrink(&items, 5, async |rest: &[u32]| {
            asked += 1;
            rest.contains(&99)
        })
        .await;
        assert!(asked <= 5 && kept.contains(&99), "{kept:?}");
    }

    #[tokio::test]
    async fn nothing_stays_nothing() {
        assert!(shrink(&[] as &[u32], 10, async |_: &[u32]| true).await.is_empty());
    }
}

//! The widths of a density.

/// The standard deviation of each coordinate, from the places of all chains in windows of the warm-up that double in length:
/// early places, far from the density, are forgotten.
///
/// The schedule is that of Stan: *Stan reference manual*, section "Automatic parameter tuning".
#[derive(Debug, Clone)]
pub(in super::super) struct ScaleLearner {
    scales: Vec<f64>,
    /// The steps, counted from 0, at which a window begins, and the end of the last.
    bounds: Vec<usize>,
    done: usize,
    count: f64,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl ScaleLearner {
    pub(in super::super) fn new(dims: usize, warm_up: usize) -> Self {
        Self {
            scales: vec![1.0; dims],
            bounds: bounds(warm_up),
            done: 0,
            count: 0.0,
            means: vec![0.0; dims],
            squares: vec![0.0; dims],
        }
    }

    /// Standard deviations; 1 before the first window has ended.
    pub(in super::super) fn scales(&self) -> &[f64] {
        &self.scales
    }

    /// Learns from the places of all chains after a step. Returns whether the scales are new.
    pub(in super::super) fn learn(&mut self, rows: &[f64]) -> bool {
        let (first, last) = (self.bounds.first(), self.bounds.last());
        let now = self.done;
        self.done += 1;
        if first.is_none_or(|first| now < *first) || last.is_none_or(|last| now >= *last) {
            return false;
        }
        let dims = self.scales.len();
        for row in rows.chunks_exact(dims) {
            self.count += 1.0;
            for (k, x) in row.iter().enumerate() {
                let before = x - self.means[k];
                self.means[k] += before / self.count;
                self.squares[k] += before * (x - self.means[k]);
            }
        }
        if !self.bounds.contains(&self.done) {
            return false;
        }
        for (scale, squares) in self.scales.iter_mut().zip(&self.squares) {
            let deviation = (squares / (self.count - 1.0)).sqrt();
            // Chains that have not moved say nothing.
            if deviation > 0.0 && deviation.is_finite() {
                *scale = deviation;
            }
        }
        self.count = 0.0;
        self.means.fill(0.0);
        self.squares.fill(0.0);
        true
    }
}

/// Windows between 7.5 % and 95 % of the warm-up, the first of 2.5 %, each twice as long as the one before. The last ends where
/// the next would not fit.
fn bounds(warm_up: usize) -> Vec<usize> {
    if warm_up < 20 {
        return vec![];
    }
    let share = |part: f64| (part * warm_up as f64).round() as usize;
    let (mut start, end, mut length) = (share(0.075), share(0.95), share(0.025).max(2));
    let mut bounds = vec![start];
    while start + 3 * length <= end {
        start += length;
        length *= 2;
        bounds.push(start);
    }
    bounds.push(end);
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_double() {
        assert_eq!(bounds(1000), [75, 100, 150, 250, 450, 950]);
        assert_eq!(bounds(19), [0usize; 0]);
    }

    #[test]
    fn scales_are_the_deviations_of_the_last_window() {
        let mut learner = ScaleLearner::new(2, 1000);
        let mut news = vec![];
        for step in 0..1000 {
            let width = if step < 450 { 50.0 } else { 2.0 };
            let sign = if step % 2 == 0 { width } else { -width };
            if learner.learn(&[sign, 7.0 + 10.0 * sign]) {
                news.push(step + 1);
            }
        }
        assert_eq!(news, [100, 150, 250, 450, 950]);
        let [a, b] = [learner.scales()[0], learner.scales()[1]];
        assert!(
            (a / 2.0 - 1.0).abs() < 0.01 && (b / 20.0 - 1.0).abs() < 0.01,
            "{a} {b}"
        );
    }
}

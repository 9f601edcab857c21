//! The quality of class probabilities.

/// Accuracy, cross-entropy and calibration of class probabilities over a data set.
///
/// ```
/// use thalweg_models::vib::Classification;
///
/// let mut found = Classification::default();
/// found.add(&[0.9, 0.1], 0);
/// found.add(&[0.8, 0.2], 1);
/// assert_eq!(found.accuracy(), 0.5);
/// assert!((found.cross_entropy() + (0.9_f64 * 0.2).ln() / 2.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone)]
pub struct Classification {
    rows: f64,
    right: f64,
    nats: f64,
    bins: [Bin; BINS],
}

/// Intervals of confidence.
const BINS: usize = 15;

/// The samples in an interval of confidence.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    rows: f64,
    right: f64,
    confidence: f64,
}

impl Default for Classification {
    fn default() -> Self {
        Self {
            rows: 0.0,
            right: 0.0,
            nats: 0.0,
            bins: [Bin::default(); BINS],
        }
    }
}

impl Classification {
    /// Adds the probabilities of one sample, and its class.
    ///
    /// # Panics
    ///
    /// When there is no such class.
    pub fn add(&mut self, probabilities: &[f64], class: usize) {
        assert!(
            class < probabilities.len(),
            "class {class} has none of {} probabilities",
            probabilities.len()
        );
        let largest =
            (0..probabilities.len()).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
        let largest = largest.expect("a class or more");
        let (confidence, right) = (probabilities[largest], f64::from(largest == class));
        self.rows += 1.0;
        self.right += right;
        self.nats -= probabilities[class].max(f64::MIN_POSITIVE).ln();
        // Intervals are closed above, so that certainty is in the last.
        let bin = ((confidence * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
        let bin = &mut self.bins[bin];
        bin.rows += 1.0;
        bin.right += right;
        bin.confidence += confidence;
    }

    /// The share of samples whose likeliest class is theirs.
    pub fn accuracy(&self) -> f64 {
        self.right / self.rows
    }

    /// The share of the other samples.
    pub fn error(&self) -> f64 {
        1.0 - self.accuracy()
    }

    /// The mean of `−log p(class)`, in nats.
    pub fn cross_entropy(&self) -> f64 {
        self.nats / self.rows
    }

    /// The expected calibration error: the mean gap between confidence and accuracy over samples in 15
    /// intervals of confidence.
    ///
    /// Guo, Pleiss, Sun, Weinberger: *On calibration of modern neural networks*, 2017, eq. 3.
    ///
    /// ```
    /// use thalweg_models::vib::Classification;
    ///
    /// // Sure of 80 %, and right four times of five.
    /// let mut found = Classification::default();
    /// for class in [0, 0, 0, 0, 1] {
    ///     found.add(&[0.8, 0.2], class);
    /// }
    /// assert!(found.calibration_error() < 1e-9);
    /// assert!((found.error() - 0.2).abs() < 1e-12);
    /// ```
    pub fn calibration_error(&self) -> f64 {
        let gaps = self
            .bins
            .iter()
            .map(|bin| (bin.right - bin.confidence).abs());
        gaps.sum::<f64>() / self.rows
    }

    /// The reliability diagram: `(confidence, accuracy)` of each of the 15 intervals of confidence with `least` samples or more, both
    /// means over them, from the lowest confidence to the highest. A calibrated model has equal numbers.
    ///
    /// Guo, Pleiss, Sun, Weinberger: *On calibration of modern neural networks*, 2017, figure 1.
    ///
    /// ```
    /// use thalweg_models::vib::Classification;
    ///
    /// let mut found = Classification::default();
    /// found.add(&[0.9, 0.1], 0);
    /// found.add(&[0.9, 0.1], 1);
    /// assert_eq!(found.reliability(1), [(0.9, 0.5)]);
    /// assert!(found.reliability(3).is_empty());
    /// ```
    pub fn reliability(&self, least: usize) -> Vec<(f64, f64)> {
        let least = least.max(1) as f64; // an empty interval has no mean
        let bins = self.bins.iter().filter(|bin| bin.rows >= least);
        bins.map(|bin| (bin.confidence / bin.rows, bin.right / bin.rows))
            .collect()
    }
}

//! The least sizes of the bins of a spline, and its least slope.

/// The least share of the range that a bin takes, in widths and in heights, and the least slope at a knot.
///
/// ```
/// use thalweg_kernels::Least;
///
/// let least = Least::default();
/// assert_eq!(least, Least::new([1e-3, 1e-3], 1e-3));
/// assert_eq!((least.sizes(), least.slope()), ([1e-3; 2], 1e-3));
/// // The number 0 of a knot stands for the slope 1.
/// assert!((least.slope_shift().exp().ln_1p() + least.slope() - 1.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Least {
    /// Of widths and of heights.
    sizes: [f64; 2],
    slope: f64,
    /// Of a raw slope, such that 0 stands for the slope 1: it is not worked out anew for each number.
    slope_shift: f64,
}

impl Least {
    /// The least shares of widths and heights, and the least slope.
    ///
    /// # Panics
    ///
    /// Unless each is above 0 and below 1.
    pub fn new(sizes: [f64; 2], slope: f64) -> Self {
        let [width, height] = sizes;
        for (name, least) in [("width", width), ("height", height), ("slope", slope)] {
            assert!(
                least > 0.0 && least < 1.0,
                "the least {name} of a spline lies between 0 and 1, got {least}"
            );
        }
        Self {
            sizes,
            slope,
            slope_shift: ((1.0 - slope).exp() - 1.0).ln(),
        }
    }

    /// The least share of the range, of widths and of heights.
    pub fn sizes(&self) -> [f64; 2] {
        self.sizes
    }

    /// The least slope.
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The raw slope whose softplus is 1 less the least slope: that of a knot whose number is 0.
    pub fn slope_shift(&self) -> f64 {
        self.slope_shift
    }
}

impl Default for Least {
    /// A thousandth each.
    fn default() -> Self {
        Self::new([1e-3; 2], 1e-3)
    }
}

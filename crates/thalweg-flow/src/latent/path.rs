//! Paths from one latent to another.

use burn::tensor::Tensor;

use crate::numerics::from_host;

/// A path from `a` at 0 to `b` at 1.
///
/// | path | at `t` | of standard normal ends |
/// |---|---|---|
/// | [`Linear`](Self::Linear) | `(1 − t) a + t b` | variance down to ½ half-way: blurred |
/// | [`CosSin`](Self::CosSin) | `a cos θ + b sin θ`, `θ = t π/2` | standard normal throughout |
/// | [`Spherical`](Self::Spherical) | `(a sin((1 − t)ω) + b sin(tω)) / sin ω`, `ω` the angle of `a` and `b` | the lengths of the ends |
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::latent::Path;
///
/// let device = Device::default();
/// let a = Tensor::<2>::from_floats([[1.0, 0.0]], &device);
/// let b = Tensor::<2>::from_floats([[0.0, 1.0]], &device);
/// let half = 0.5f32.sqrt();
/// for path in [Path::CosSin, Path::Spherical] {
///     let middle = path.at(0.5, a.clone(), b.clone()).into_data();
///     middle.iter::<f32>().for_each(|z| assert!((z - half).abs() < 1e-6));
/// }
/// assert_eq!(Path::Linear.strip(a, b, 9).dims(), [9, 2]);
/// ```
///
/// # References
///
/// Su Jianlin: *From variational encoding and information bottleneck to the normal distribution*,
/// kexue.fm/archives/6181, 2018, for `CosSin`. Shoemake: *Animating rotation with quaternion
/// curves*, 1985, section 3.3; White: *Sampling generative networks*, 2016, for latents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Straight.
    Linear,
    /// A quarter of an ellipse.
    CosSin,
    /// A great circle, the length changing evenly.
    Spherical,
}

/// Below this sine of the angle between them, two rows count as parallel.
const PARALLEL: f64 = 1e-4;

impl Path {
    /// The points at `t` between each row of `a` and that of `b`, `[batch, numbers]`.
    ///
    /// Parallel rows and rows of zeros are interpolated linearly.
    pub fn at(self, t: f64, a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Linear => a.mul_scalar(1.0 - t) + b.mul_scalar(t),
            Self::CosSin => {
                let (sin, cos) = (t * std::f64::consts::FRAC_PI_2).sin_cos();
                a.mul_scalar(cos) + b.mul_scalar(sin)
            }
            Self::Spherical => {
                let (left, right) = spherical_weights(t, &a, &b);
                a * left + b * right
            }
        }
    }

    /// `steps` points from each row of `a` to that of `b`, both ends included: `[batch · steps,
    /// numbers]`, row after row.
    ///
    /// # Panics
    ///
    /// For fewer than two steps.
    pub fn strip(self, a: Tensor<2>, b: Tensor<2>, steps: usize) -> Tensor<2> {
        assert!(steps >= 2, "a strip has two ends, got {steps} steps");
        let [batch, numbers] = a.dims();
        let points = (0..steps).map(|step| {
            let t = step as f64 / (steps - 1) as f64;
            self.at(t, a.clone(), b.clone()).unsqueeze_dim::<3>(1)
        });
        Tensor::cat(points.collect(), 1).reshape([batch * steps, numbers])
    }

    /// A square of `side × side` points between four corners, the rows of `[4, numbers]`: top left,
    /// top right, bottom left, bottom right. `[side², numbers]`, row by row.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::latent::Path;
    ///
    /// let corners = Tensor::<2>::from_floats(
    ///     [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], &Device::default(),
    /// );
    /// let grid = Path::Linear.grid(corners, 3).into_data().try_to_vec::<f32>().unwrap();
    /// assert_eq!(grid.len(), 9 * 2);
    /// assert_eq!(grid[8..10], [0.5, 0.5]);
    /// ```
    ///
    /// # Panics
    ///
    /// Unless there are four corners and two points a side or more.
    pub fn grid(self, corners: Tensor<2>, side: usize) -> Tensor<2> {
        let [count, _] = corners.dims();
        assert_eq!(count, 4, "a grid has four corners, got {count}");
        let corner = |index| corners.clone().narrow(0, index, 1);
        let left = self.strip(corner(0), corner(2), side);
        let right = self.strip(corner(1), corner(3), side);
        self.strip(left, right, side)
    }
}

/// The weights of both ends of each row, `[batch, 1]` each.
///
/// On the host in f64, since an angle near 0 loses half its digits.
fn spherical_weights(t: f64, a: &Tensor<2>, b: &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let numbers = a.dims()[1];
    let [left, right] = [a, b].map(|x| x.to_data().iter::<f64>().collect::<Vec<_>>());
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let rows = left.chunks(numbers).zip(right.chunks(numbers));
    let weights = rows.map(|(x, y)| {
        let lengths = (dot(x, x) * dot(y, y)).sqrt();
        let cos = (dot(x, y) / lengths).clamp(-1.0, 1.0);
        let angle = cos.acos();
        match angle.sin() > PARALLEL {
            true => [(1.0 - t) * angle, t * angle].map(|part| part.sin() / angle.sin()),
            false => [1.0 - t, t], // also where a length is 0 and the angle NaN
        }
    });
    let weights: Vec<[f64; 2]> = weights.collect();
    let column = |side: usize| {
        let values: Vec<f64> = weights.iter().map(|pair| pair[side]).collect();
        let shape = [values.len(), 1];
        from_host(values, shape, &a.device().without_autodiff(), a.dtype())
    };
    (column(0), column(1))
}

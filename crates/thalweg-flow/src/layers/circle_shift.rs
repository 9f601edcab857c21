//! Turned circles.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};

use crate::numerics::{from_host, zero_log_det};
use crate::shape::{assert_alike, guarded};
use crate::{Bijection, LogDet};

/// `zᵢ = xᵢ + tᵢ` on a circle from `−bᵢ` to `bᵢ`, a feature with the bound 0 as it is; `ln|det J| = 0`.
///
/// A number outside is the point of the circle that it is some turns from. So the layer is a bijection of the circles, and
/// both ways the results lie on them.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, CircleShift};
///
/// let device = Device::default();
/// // A circle from −1 to 1, turned by 0.5.
/// let layer = CircleShift::from_parameters(vec![1.0], Tensor::from_floats([0.5], &device));
/// let (z, log_det) = layer.forward(Tensor::from_floats([[0.25], [0.75]], &device), &());
/// assert_eq!(z.into_data().try_to_vec::<f32>().unwrap(), [0.75, -0.75]);
/// assert_eq!(log_det.sum().into_scalar::<f32>(), 0.0);
/// ```
///
/// # Shapes
///
/// `[batch, features]` to the same.
///
/// # References
///
/// Rezende and others: *Normalizing flows on tori and spheres*, 2020, section 2.1, phase translation.
#[derive(Module, Debug)]
pub struct CircleShift {
    shift: Param<Tensor<1>>,
    #[module(skip)]
    bounds: Vec<f64>,
}

impl CircleShift {
    /// No shift, of circles with these bounds.
    ///
    /// # Panics
    ///
    /// As [`from_parameters`](Self::from_parameters).
    pub fn new(bounds: Vec<f64>, device: &Device) -> Self {
        let features = bounds.len();
        Self::from_parameters(bounds, Tensor::zeros([features], (device, DType::F32)))
    }

    /// These shifts, one a feature.
    ///
    /// # Panics
    ///
    /// When there are not as many shifts as bounds, and for a bound that is negative or no number.
    pub fn from_parameters(bounds: Vec<f64>, shift: Tensor<1>) -> Self {
        let sizes = [[bounds.len()], shift.dims()];
        assert_alike("a shift of circles", ["bounds", "shift"], sizes);
        assert!(
            bounds.iter().all(|bound| (0.0..f64::MAX).contains(bound)),
            "the bound of a circle is 0 or more, got {bounds:?}"
        );
        Self {
            shift: Param::from_tensor(shift),
            bounds,
        }
    }

    /// The same circles turned back.
    pub fn back(self) -> Self {
        Self::from_parameters(self.bounds, self.shift.val().neg())
    }

    pub(crate) fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    /// The shifts, 0 of features on no circle.
    pub(crate) fn shifts(&self) -> Tensor<1> {
        let of = |bound: &f64| if *bound > 0.0 { 1.0 } else { 0.0 };
        self.shift.val() * self.constants(of)
    }

    /// A number of each bound.
    fn constants(&self, of: impl Fn(&f64) -> f64) -> Tensor<1> {
        let (shift, all) = (self.shift.val(), self.bounds.iter().map(of).collect());
        from_host(all, [self.bounds.len()], &shift.device(), shift.dtype())
    }

    /// On the circles.
    fn wrap(&self, x: Tensor<2>) -> Tensor<2> {
        let turn: Tensor<2> = self.constants(|bound| 2.0 * bound).unsqueeze();
        // On no circle nothing is subtracted, whatever the turns.
        let per_turn = self.constants(|bound| if *bound > 0.0 { 0.5 / bound } else { 0.0 });
        let turns = x.clone().detach() * per_turn.unsqueeze::<2>();
        x - turns.add_scalar(0.5).floor() * turn
    }
}

impl<C> Bijection<C> for CircleShift {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        guarded("CircleShift", Some(self.bounds.len()), x, |x| {
            let log_det = zero_log_det(&x);
            (self.wrap(x + self.shifts().unsqueeze::<2>()), log_det)
        })
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        guarded("CircleShift", Some(self.bounds.len()), z, |z| {
            let log_det = zero_log_det(&z);
            (self.wrap(z - self.shifts().unsqueeze::<2>()), log_det)
        })
    }
}

//! The price of a nat, fixed or moved by the batches.

use std::sync::{Mutex, PoisonError};

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::FlowError;

use super::{DualAscent, Vib, VibLoss};

/// The price of a nat through the bottleneck: always the same, or moved by [`DualAscent`] at each training
/// batch. Several threads may share it.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::VibConfig;
/// use thalweg_models::vib::{DualAscent, Price, VibLoss};
///
/// let device = Device::default();
/// let vib = VibConfig::new(4, 3).with_hidden(vec![16]).with_width(2).init(&device);
/// let x = Tensor::<2>::ones([5, 4], &device);
/// assert_eq!(Price::fixed(VibLoss::new(1e-3)).at(&vib, &x)?, VibLoss::new(1e-3));
/// let price = Price::moving(DualAscent::new(1e-3, 1e-2, 0.0), None);
/// assert_eq!(price.at(&vib, &x)?.lambda, 1e-3); // validation
/// assert!(price.at(&vib.train(), &x.autodiff())?.lambda > 1e-3); // the rate is above 0
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Debug)]
pub struct Price {
    threshold: Option<f64>,
    lambda: Lambda,
}

#[derive(Debug)]
enum Lambda {
    Fixed(f64),
    Moving(Mutex<DualAscent>),
}

impl Price {
    /// The same for all batches.
    pub fn fixed(loss: VibLoss) -> Self {
        Self {
            threshold: loss.threshold,
            lambda: Lambda::Fixed(loss.lambda),
        }
    }

    /// Towards a rate, with nats that cost nothing as [`VibLoss::threshold`].
    pub fn moving(ascent: DualAscent, threshold: Option<f64>) -> Self {
        Self {
            threshold,
            lambda: Lambda::Moving(Mutex::new(ascent)),
        }
    }

    /// The loss for a batch. A model on an autodiff device first moves the price by the batch's rate;
    /// validation, on plain tensors, leaves it.
    ///
    /// # Errors
    ///
    /// As [`Vib::rate`], and when the device cannot hand over the number.
    pub fn at(&self, vib: &Vib, x: &Tensor<2>) -> Result<VibLoss, FlowError> {
        let lambda = match &self.lambda {
            Lambda::Fixed(lambda) => *lambda,
            Lambda::Moving(ascent) => {
                let rate = match vib.decoder.weight.val().is_autodiff() {
                    true => Some(vib.valid().rate(x.clone())?.try_into_scalar::<f64>()?),
                    false => None,
                };
                let mut ascent = ascent.lock().unwrap_or_else(PoisonError::into_inner);
                rate.map_or(ascent.lambda, |rate| ascent.update(rate))
            }
        };
        Ok(VibLoss {
            lambda,
            threshold: self.threshold,
        })
    }
}

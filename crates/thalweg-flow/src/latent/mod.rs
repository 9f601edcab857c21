//! Ways through the space of latents: between two, among four, along an attribute; and the
//! square of all of them where they are two.
//!
//! All work on rows, `[batch, numbers]`; those of several scales are
//! [`flatten`](crate::Latents::flatten)ed first and [`restore`](crate::Latents::restore)d after.

mod path;
mod quantile;

pub use path::Path;
pub use quantile::{normal_quantile, quantile_grid};

use burn::tensor::{Int, Tensor, TensorData};

use crate::FlowError;

/// The mean of the latents that have an attribute minus that of those that have not: `[1,
/// numbers]`, to be added to a latent, a multiple of it, to give it more of the attribute.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::latent::attribute_vector;
///
/// let z = Tensor::<2>::from_floats([[1.0, 0.0], [0.0, 0.0], [3.0, 0.0]], &Device::default());
/// let smile = attribute_vector(z.clone(), &[true, false, true])?;
/// assert_eq!(smile.to_data().iter::<f32>().collect::<Vec<_>>(), [2.0, 0.0]);
/// let smiling = z + smile * 0.5;
/// # let _ = smiling;
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Errors
///
/// [`FlowError::OneSided`] when every latent has the attribute, or none.
///
/// # Panics
///
/// Unless there is one answer a row.
///
/// # References
///
/// Kingma, Dhariwal: *Glow*, 2018, section 5.
pub fn attribute_vector(z: Tensor<2>, has: &[bool]) -> Result<Tensor<2>, FlowError> {
    let rows = z.dims()[0];
    assert!(
        has.len() == rows,
        "an attribute takes one answer for each of {rows} latents, got {}",
        has.len()
    );
    let mean = |wanted: bool| {
        let rows = has.iter().enumerate().filter(|(_, has)| **has == wanted);
        let rows: Vec<i64> = rows.map(|(row, _)| row as i64).collect();
        if rows.is_empty() {
            return Err(FlowError::OneSided {
                rows: has.len(),
                has: !wanted,
            });
        }
        let count = rows.len();
        let device = z.device().without_autodiff();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), &device);
        Ok(z.clone().select(0, rows).mean_dim(0))
    };
    Ok(mean(true)? - mean(false)?)
}

//! Paths and grids in the space of latents, and directions of attributes.
//!
//! All functions take rows, `[batch, numbers]`. [`Latents`](crate::Latents) convert by
//! [`flatten`](crate::Latents::flatten) and [`restore`](crate::Latents::restore).

mod path;
mod quantile;

pub use path::Path;
pub use quantile::quantile_grid;

use burn::tensor::{Int, Tensor, TensorData};

use crate::FlowError;

/// The mean of the latents with an attribute minus the mean of those without, `[1, numbers]`. Adding a
/// multiple of it to a latent strengthens the attribute.
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

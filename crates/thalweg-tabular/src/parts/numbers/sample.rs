//! Samples of a density of numbers.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use thalweg_flow::Noise;

use super::{NumberModel, Numbers};
use crate::columns::Number;

impl Numbers {
    /// One sample of numbers for each row of inputs, `n` rows.
    pub(crate) fn sample(
        &self,
        model: &NumberModel,
        numbers: &[&Number],
        n: usize,
        inputs: &[f32],
        rng: &mut ChaCha8Rng,
    ) -> Vec<f64> {
        let device = model.kernels.device();
        let context = self.conditions(inputs, &device);
        let noise = &mut Noise::seeded(rng.random());
        let mut z: Vec<f64> = match &model.flow {
            Some(flow) => {
                let drawn = flow.sample(n, context.as_ref(), noise);
                drawn.into_data().iter().collect()
            }
            None => vec![0.0; n * self.width],
        };
        let [plain, white] = self.kernels(model);
        let [gaussian, of_plain, of_white, _] = self.weights;
        for (place, row) in z.chunks_exact_mut(self.width).enumerate() {
            let u: f64 = rng.random();
            let is_plain = (gaussian..gaussian + of_plain).contains(&u);
            match (&plain, &white) {
                _ if u < gaussian => {
                    row.fill_with(|| rng.sample::<f64, _>(rand_distr::StandardNormal))
                }
                (Some(plain), _) if is_plain => {
                    row.copy_from_slice(&plain.sample(rng));
                }
                (_, Some(white)) if u < gaussian + of_plain + of_white => {
                    row.copy_from_slice(&white.sample(rng));
                }
                _ => {}
            }
            if !is_plain {
                self.space.whitening.inverse(row);
            }
            self.space
                .add(row, &inputs[place * self.context..][..self.context]);
            for (t, number) in row.iter_mut().zip(numbers) {
                *t = number.inverse(*t);
            }
        }
        z
    }
}

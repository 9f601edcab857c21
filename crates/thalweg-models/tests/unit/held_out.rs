//! Models on data that they have not seen.

use burn::module::Module;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_flow::{BitsPerDim, FlowError, Noise};
use thalweg_models::held_out::{Estimate, RoundingNoise, full_gaussian};
use thalweg_models::image::detail_distances;
use thalweg_models::vib::{DualAscent, Price, VibLoss};
use thalweg_models::{ImageSize, VaeConfig, VibConfig};

#[test]
fn an_error_in_bits_is_the_error_in_nats() {
    let nats = Estimate::of(&[1.0, 2.0, 3.0, 6.0]);
    assert_eq!(nats.mean, 3.0);
    assert!((nats.error - (14.0f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
    let bits = nats.in_bits(&BitsPerDim::new(10, 256));
    let per_bit = 10.0 * std::f64::consts::LN_2;
    assert!((bits.mean - (8.0 - 3.0 / per_bit)).abs() < 1e-12);
    assert!((bits.error - nats.error / per_bit).abs() < 1e-12);
}

#[test]
fn the_gaussian_of_rows_has_their_moments() -> Result<(), FlowError> {
    let device = Device::default();
    let z: Tensor<2> = Noise::seeded(0).normal([5000, 2], &device, DType::F32);
    let rows = z * 3.0 + 1.0;
    let nats = full_gaussian(&rows)?.log_probs(&rows, 1000)?;
    // The entropy of a normal density of deviation 3 in each of two dimensions.
    let entropy = (2.0 * std::f64::consts::PI * 9.0).ln() + 1.0;
    assert!((Estimate::of(&nats).mean + entropy).abs() < 0.05);
    Ok(())
}

#[test]
fn rounding_noise_fills_the_width_of_its_column() {
    let device = Device::default();
    let noise = RoundingNoise::new(&[2.0, 0.0], &device);
    let noisy = noise.apply(Tensor::zeros([1000, 2], &device), &mut Noise::seeded(0));
    let [wide, none] = [0, 1].map(|column| noisy.clone().narrow(1, column, 1).abs());
    let largest: f64 = wide.max().into_scalar();
    assert!(largest > 0.99 && largest <= 1.0, "{largest}");
    assert_eq!(none.max().into_scalar::<f64>(), 0.0);
}

#[test]
#[should_panic(expected = "shape [batch, 2], got [4, 3]")]
fn rounding_noise_refuses_other_columns() {
    let device = Device::default();
    let rows = Tensor::zeros([4, 3], &device);
    RoundingNoise::new(&[1.0, 1.0], &device).apply(rows, &mut Noise::seeded(0));
}

#[test]
fn scales_leave_two_pixels_a_side() {
    let scales = |side| ImageSize::new([1, side, side]).scales();
    let sides = [1, 2, 4, 7, 8, 16, 28, 32, 64];
    assert_eq!(sides.map(scales), [1, 1, 1, 1, 2, 3, 2, 3, 3]);
}

#[test]
fn a_price_moves_in_training_alone() -> Result<(), FlowError> {
    let device = Device::default().autodiff();
    let config = VibConfig::new(4, 3).with_hidden(vec![8]).with_width(2);
    let vib = config.init(&device);
    let x = Tensor::<2>::ones([5, 4], &Device::default());
    let loss = VibLoss {
        lambda: 0.5,
        threshold: Some(1.0),
    };
    let fixed = Price::fixed(loss);
    assert_eq!(fixed.at(&vib, &x)?, loss);

    let moving = Price::moving(DualAscent::new(0.5, 0.1, 1e3), None);
    assert_eq!(moving.at(&vib.valid(), &x)?, VibLoss::new(0.5));
    assert_eq!(moving.at(&vib, &x)?, VibLoss::new(0.0));
    assert_eq!(moving.at(&vib.valid(), &x)?, VibLoss::new(0.0));
    Ok(())
}

#[test]
fn batches_do_not_change_what_a_classifier_is_worth() -> Result<(), FlowError> {
    let device = Device::default();
    let config = VibConfig::new(4, 3).with_hidden(vec![8]).with_width(2);
    let vib = config.init(&device);
    let x: Tensor<2> = Noise::seeded(1).normal([10, 4], &device, DType::F32);
    let labels = Tensor::<1, Int>::from_ints([0, 1, 2, 0, 1, 2, 0, 1, 2, 0], &device);
    let figures = |batch| {
        let noise = &mut Noise::seeded(0);
        let (found, rate) = vib.evaluate((&x, &labels), 0, batch, noise)?;
        Ok::<_, FlowError>([found.cross_entropy(), found.accuracy(), rate])
    };
    let whole: f64 = vib.rate(x.clone())?.into_scalar();
    let (few, many) = (figures(3)?, figures(100)?);
    for (few, many) in few.iter().zip(many) {
        assert!((few - many).abs() < 1e-5, "{few} {many}");
    }
    assert!((many[2] - whole).abs() < 1e-5);
    Ok(())
}

#[test]
fn the_bound_of_many_samples_is_above_that_of_one() -> Result<(), FlowError> {
    let device = Device::default();
    let size = ImageSize::new([1, 4, 4]).with_levels(2);
    let vae = VaeConfig::bernoulli(size, 2).init(&device);
    let unit: Tensor<2> = Noise::seeded(0).uniform([600, 16], &device, DType::F32);
    let levels = (unit * 2.0).floor();
    let bounds = vae.evaluate(&levels, [20, 150], &mut Noise::seeded(1))?;
    let elbo = Estimate::of(&vae.log_probs(&levels, &(), 500, &mut Noise::seeded(2))?);
    assert!((bounds.elbo.mean - elbo.mean).abs() < 4.0 * elbo.error);
    let few = levels.narrow(0, 0, 150);
    let one = Estimate::of(&vae.log_probs(&few, &(), 500, &mut Noise::seeded(3))?);
    assert!(bounds.importance.mean > one.mean, "{bounds:?} {one}");
    assert_eq!(bounds.latents.kl().len(), 2);
    Ok(())
}

#[test]
fn blur_and_grain_are_further_away_than_another_draw() -> Result<(), Box<dyn std::error::Error>> {
    let device = Device::default();
    // Blocks of one tone each.
    let draw = |seed| {
        let unit: Tensor<4> = Noise::seeded(seed).uniform([256, 1, 6, 6], &device, DType::F32);
        let tones: Tensor<6> = unit.greater_elem(0.5).float().reshape([256, 1, 6, 1, 6, 1]);
        let blocks: Tensor<4> = tones.expand([256, 1, 6, 3, 6, 3]).reshape([256, 1, 18, 18]);
        blocks.narrow(2, 0, 16).narrow(3, 0, 16)
    };
    let distance = |other| detail_distances(draw(0), other, 0);
    let same = distance(draw(1))?;
    let pale = distance(draw(1) * 0.5 + 0.15)?;
    let blurred = avg_pool2d(
        draw(1),
        AvgPoolOptions::new([3, 3])
            .with_stride([1, 1])
            .with_padding([1, 1]),
    );
    let blurred = distance(blurred)?;
    let noise: Tensor<4> = Noise::seeded(2).normal([256, 1, 16, 16], &device, DType::F32);
    let grainy = distance(draw(1) + noise * 0.3)?;
    for (same, pale) in same.iter().zip(pale) {
        assert!((pale - same).abs() < 1.0, "{same} {pale}");
    }
    let [same, blurred, grainy] = [same, blurred, grainy].map(|found| found[0]);
    let others = [blurred, grainy].map(|found| found / same);
    assert!(others.iter().all(|times| *times > 3.0), "{same} {others:?}");
    Ok(())
}

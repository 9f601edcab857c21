//! Log-densities of discrete data: what they integrate to, what bound they give, in which units.

use crate::common::{assert_close, host, levels, mean};
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_flow::{Dequantize, Noise};
use thalweg_laws::{cast, scramble};
use thalweg_models::{Nice, NiceConfig, NiceStyle};

const LEVELS: u32 = 4;

/// Two features of four levels, in f64, fitted to data and then moved away from that.
fn tiny(style: NiceStyle) -> Nice {
    let device = Device::default();
    let config = NiceConfig::new(2, LEVELS, style)
        .with_hidden(8)
        .with_depth(2);
    let data = levels([200, 2], LEVELS, 1, &device);
    let nice = config.init(&device).initialize(data, &mut Noise::seeded(2));
    cast(scramble(nice.unwrap(), 0.1), DType::F64).unwrap()
}

fn both() -> [Nice; 2] {
    [tiny(NiceStyle::Paper), tiny(NiceStyle::Blog)]
}

fn from_rows(values: Vec<f64>) -> Tensor<2> {
    let shape = [values.len() / 2, 2];
    Tensor::from_data(
        TensorData::new(values, shape),
        (&Device::default(), DType::F64),
    )
}

/// `∫ exp(log p)` over the square `low .. high` by the midpoint rule.
fn mass([low, high]: [f64; 2], log_density: impl Fn(Tensor<2>) -> Tensor<1>) -> f64 {
    const CELLS: usize = 400;
    let width = (high - low) / CELLS as f64;
    let at = |cell: usize| low + (cell as f64 + 0.5) * width;
    let points = (0..CELLS).flat_map(|i| (0..CELLS).flat_map(move |j| [at(i), at(j)]));
    let densities = host(log_density(from_rows(points.collect())));
    densities.iter().map(|d| d.exp()).sum::<f64>() * width * width
}

/// Every pair of levels, each repeated.
fn all_pairs(repeats: usize) -> Tensor<2> {
    let pairs = (0..LEVELS).flat_map(|a| (0..LEVELS).map(move |b| [f64::from(a), f64::from(b)]));
    from_rows(pairs.flat_map(|pair| pair.repeat(repeats)).collect())
}

/// The flow's density of the unit cube, the blog's rescaling done by hand.
fn unit_cube_density(nice: &Nice, y: Tensor<2>) -> Tensor<1> {
    match nice.config().style {
        NiceStyle::Paper => nice.flow.log_prob(y),
        NiceStyle::Blog => {
            let x = y.mul_scalar(4.0).sub_scalar(1.0).div_scalar(3.0);
            nice.flow.log_prob(x).add_scalar(2.0 * (4.0 / 3.0f64).ln())
        }
    }
}

#[test]
fn the_flow_is_a_density() {
    for nice in both() {
        let total = mass([-6.0, 7.0], |x| nice.flow.log_prob(x));
        assert!(
            (total - 1.0).abs() < 1e-3,
            "{:?}: {total}",
            nice.config().style
        );
    }
}

#[test]
fn log_prob_is_the_density_of_the_dequantized_data() {
    for nice in both() {
        let data = all_pairs(3);
        let found = nice.log_prob(data.clone(), &mut Noise::seeded(4)).unwrap();
        let dequantize = Dequantize::uniform(LEVELS);
        let (y, _) = dequantize.apply(data, &mut Noise::seeded(4)).unwrap();
        assert_close(&host(found), &host(unit_cube_density(&nice, y)), 1e-12);
    }
}

#[test]
fn the_blogs_rescaling_keeps_the_mass() {
    // A bin of the blog is (x − 1, x] / 3, so its unit cube is the square from −1/3 to 1.
    let nice = tiny(NiceStyle::Blog);
    let unit = mass([0.0, 1.0], |y| unit_cube_density(&nice, y));
    let flow = mass([-1.0 / 3.0, 1.0], |x| nice.flow.log_prob(x));
    assert!((unit - flow).abs() < 1e-9, "{unit} and {flow}");
}

#[test]
fn the_probabilities_of_all_data_sum_to_the_mass_inside_the_unit_cube() {
    const REPEATS: usize = 1000;
    for nice in both() {
        let inside = mass([0.0, 1.0], |y| unit_cube_density(&nice, y));
        assert!((0.5..1.0).contains(&inside), "{inside}");

        let log_prob = host(
            nice.log_prob(all_pairs(REPEATS), &mut Noise::seeded(3))
                .unwrap(),
        );
        let cells = f64::from(LEVELS * LEVELS);
        // P(x) = E_u[p(y)] / levels², and its bound exp(E_u[log p(y)]) / levels².
        let sum_over_data = |one: &dyn Fn(&[f64]) -> f64| -> f64 {
            log_prob.chunks(REPEATS).map(|u| one(u) / cells).sum()
        };
        let exact = sum_over_data(&|u| mean(&u.iter().map(|l| l.exp()).collect::<Vec<_>>()));
        let bound = sum_over_data(&|u| mean(u).exp());
        assert!((exact - inside).abs() < 0.01, "{exact} and {inside}");
        assert!(bound < exact && bound > 0.9 * exact, "{bound} and {exact}");
    }
}

#[test]
fn units_are_those_of_features_and_levels() {
    let nice = tiny(NiceStyle::Paper);
    let nats = nice.log_prob(all_pairs(1), &mut Noise::seeded(3)).unwrap();
    let bits = host(nice.units().of_each(nats.clone()));
    let by_hand = |nats: &f64| 2.0 - nats / (2.0 * std::f64::consts::LN_2);
    let wanted: Vec<f64> = host(nats).iter().map(by_hand).collect();
    assert_close(&bits, &wanted, 1e-12);
}

#[test]
fn encode_and_decode_are_inverse_and_quantize_gives_the_data_back() {
    for nice in both() {
        let data = all_pairs(2);
        let z = nice
            .encode_levels(data.clone(), &mut Noise::seeded(5))
            .unwrap();
        let y = nice.decode(z);
        let (wanted, _) = Dequantize::uniform(LEVELS)
            .apply(data.clone(), &mut Noise::seeded(5))
            .unwrap();
        assert_close(&host(y.clone()), &host(wanted), 1e-9);
        // Away from the edges of the bins, which a rounding error may cross.
        let centre = data.clone().add_scalar(0.5).div_scalar(4.0);
        assert_eq!(host(nice.quantize(centre)), host(data));
    }
}

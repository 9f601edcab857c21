//! The sets inside the crate have the content of their documentation.

use burn::tensor::{Device, Tensor};
use thalweg_data::{Images, RowSplit, digits, fashion_mnist, noto_people, nyc_weather, penguins};

fn label_counts(images: &Images) -> Vec<usize> {
    let labels = images.labels().expect("labels");
    (0..10)
        .map(|class| labels.iter().filter(|&&l| l == class).count())
        .collect()
}

#[test]
fn digits_are_1797_of_8_by_8() {
    let digits = digits();
    assert_eq!((digits.count(), digits.channels()), (1797, 1));
    assert_eq!(
        (digits.height(), digits.width(), digits.levels()),
        (8, 8, 17)
    );
    assert_eq!(digits.pixels().iter().min(), Some(&0));
    assert_eq!(digits.pixels().iter().max(), Some(&16));
    assert_eq!(
        label_counts(&digits),
        [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    );
}

#[test]
fn fashion_has_2000_and_400() {
    let (train, test) = fashion_mnist();
    for (images, count) in [(&train, 2000), (&test, 400)] {
        assert_eq!(
            (images.count(), images.dim(), images.levels()),
            (count, 784, 256)
        );
        assert_eq!(images.pixels().iter().max(), Some(&255));
        assert!(label_counts(images).iter().all(|&n| n > count / 20));
    }
    assert_eq!(&train.labels().expect("labels")[..5], [9, 0, 0, 3, 0]);
    assert_eq!(&test.labels().expect("labels")[..5], [9, 2, 1, 1, 6]);
}

#[test]
fn people_are_on_white_and_in_172_designs() {
    let people = noto_people();
    assert_eq!((people.count(), people.channels()), (997, 3));
    assert_eq!(
        (people.height(), people.width(), people.levels()),
        (16, 16, 256)
    );
    // The pixel in the middle of the first image: red, green, blue.
    let middle = [0, 1, 2].map(|channel| people.image(0)[256 * channel + 8 * 16 + 8]);
    assert_eq!(middle, [249, 190, 34]);
    let top_left = (0..people.count()).map(|i| [0, 256, 512].map(|at| people.image(i)[at]));
    let white = top_left.filter(|pixel| *pixel == [255; 3]).count();
    assert!(white > 900, "{white} of 997 have a white corner");
    let names = people.names().expect("names");
    let groups = people.groups().expect("groups");
    assert_eq!((names.len(), groups.len()), (997, 997));
    assert_eq!(
        (names[1].as_str(), groups[1].as_str()),
        ("santa+1F3FB", "santa")
    );
    let distinct: std::collections::BTreeSet<_> = groups.iter().collect();
    assert_eq!(distinct.len(), 172);

    let split = RowSplit::by_group(groups, [0.8, 0.1, 0.1], 0).expect("split");
    assert_eq!(
        split.train.len() + split.validation.len() + split.test.len(),
        997
    );
    let test = people.select(&split.test);
    let train: std::collections::BTreeSet<_> = split.train.iter().map(|&i| &groups[i]).collect();
    assert!(
        test.groups()
            .expect("groups")
            .iter()
            .all(|group| !train.contains(group))
    );
}

#[test]
fn weather_has_six_columns_and_their_widths() {
    let weather = nyc_weather();
    assert_eq!((weather.rows(), weather.columns()), (23_006, 6));
    assert_eq!(
        weather.names(),
        ["temp", "dewp", "humid", "wind_speed", "pressure", "visib"]
    );
    assert_eq!(
        weather.row(0),
        [39.02, 26.06, 59.37, 10.35702, 1012.0, 10.0]
    );
    let widths = weather.widths().expect("widths").to_vec();
    assert_eq!(widths, [0.18, 0.18, 0.05, 1.15, 0.1, 0.05]);

    let noisy = weather.dequantize(3);
    assert_eq!(noisy, weather.dequantize(3));
    assert_ne!(noisy, weather.dequantize(4));
    let pairs = noisy.values().iter().zip(weather.values());
    for (i, (noisy, plain)) in pairs.enumerate() {
        assert!((noisy - plain).abs() <= widths[i % 6] * 0.500_001);
    }
}

#[test]
fn a_diagonal_gaussian_on_weather_gives_the_known_figure() {
    let weather = nyc_weather();
    let split = RowSplit::modulo(weather.rows());
    let (train, test) = (weather.select(&split.train), weather.select(&split.test));
    let column = |table: &thalweg_data::NumericTable, c: usize| -> Vec<f64> {
        (0..table.rows()).map(|i| table.row(i)[c]).collect()
    };
    let mut nats = 0.0;
    for c in 0..6 {
        let values = column(&train, c);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        let test = column(&test, c);
        let squares: f64 = test.iter().map(|v| (v - mean).powi(2) / variance).sum();
        // In standard units, so that the deviation itself does not count.
        nats -= 0.5 * (squares / test.len() as f64 + std::f64::consts::TAU.ln());
    }
    assert!((nats + 8.50).abs() < 0.05, "{nats} nats");
}

#[test]
fn penguins_have_species() {
    let penguins = penguins();
    assert_eq!((penguins.rows(), penguins.columns()), (342, 4));
    let labels = penguins.labels().expect("labels");
    let counts: Vec<usize> = (0..3)
        .map(|class| labels.iter().filter(|&&l| l == class).count())
        .collect();
    assert_eq!(penguins.classes(), ["Adelie", "Chinstrap", "Gentoo"]);
    assert_eq!(counts, [151, 68, 123]);
}

#[test]
fn tensors_hold_the_rows() {
    let floats = |tensor: Tensor<2>| tensor.into_data().try_to_vec::<f32>().expect("floats");
    for device in thalweg_device::cpu_devices() {
        let digits = digits();
        let all = digits.to_tensor(&device);
        assert_eq!(all.dims(), [1797, 64]);
        let pixels = [digits.image(7), digits.image(3)].concat();
        let wanted: Vec<f32> = pixels.into_iter().map(f32::from).collect();
        assert_eq!(floats(digits.select(&[7, 3]).to_tensor(&device)), wanted);
        assert_eq!(floats(all.slice(7..8)), wanted[..64]);
        assert_eq!(digits.label_tensor(&device).expect("labels").dims(), [1797]);

        let penguins = penguins();
        let table = penguins.to_tensor(&device).expect("no loss");
        assert_eq!(table.dims(), [342, 4]);
        assert_eq!(floats(table.slice(0..1)), [39.1, 18.7, 181.0, 3750.0]);
        let labels = penguins.label_tensor(&device).expect("labels");
        assert_eq!(labels.dims(), [342]);
    }
}

#[test]
fn select_carries_labels_and_names() {
    let digits = digits().select(&[9, 0, 9]);
    assert_eq!((digits.count(), digits.levels()), (3, 17));
    assert_eq!(digits.labels(), Some([9, 0, 9].as_slice()));
    let people = noto_people().select(&[1]);
    assert_eq!(people.names().expect("names"), ["santa+1F3FB"]);
    assert!(people.labels().is_none() && people.label_tensor(&Device::default()).is_none());
}

//! The walker over real, damaged and random bytes.

use proptest::prelude::*;

use super::*;

fn walked(bytes: &[u8]) -> Result<Vec<Field<'_>>, Broken> {
    Fields::of(bytes).collect()
}

fn broken(bytes: &[u8]) -> (usize, Problem) {
    let Broken { offset, problem } = walked(bytes).unwrap_err();
    (offset, problem)
}

#[test]
fn every_wire_type_is_read_with_its_place() {
    let bytes = [
        0x08, 0x96, 0x01, // 1: varint 150
        0x12, 0x02, b'h', b'i', // 2: bytes
        0x1d, 1, 0, 0, 0, // 3: fixed32
        0x21, 2, 0, 0, 0, 0, 0, 0, 0, // 4: fixed64
        0x2b, 0x08, 0x00, 0x33, 0x34, 0x2c, // 5: a group with another inside
    ];
    let fields = walked(&bytes).unwrap();
    let seen: Vec<_> =
        fields.iter().map(|field| (field.number, field.offset, field.value.to_hex())).collect();
    let expected = [
        (1, 0, "9601".to_owned()),
        (2, 3, "6869".to_owned()),
        (3, 7, "01000000".to_owned()),
        (4, 12, "0200000000000000".to_owned()),
        (5, 21, "08003334".to_owned()),
    ];
    assert_eq!(seen, expected);
    assert_eq!(fields.iter().map(|field| field.value.wire_type()).collect::<Vec<_>>(), [0, 2, 5, 1, 3]);
}

#[test]
fn order_duplicates_and_needless_bytes_show() {
    let bytes = [0x10, 0x80, 0x00, 0x08, 0x01, 0x90, 0x00, 0x01];
    let seen: Vec<_> = walked(&bytes)
        .unwrap()
        .into_iter()
        .map(|field| (field.number, field.value, field.overlong))
        .collect();
    assert_eq!(
        seen,
        [(2, Value::Varint(0), true), (1, Value::Varint(1), false), (2, Value::Varint(1), true)]
    );
}

#[test]
fn bytes_that_are_no_message_are_refused_with_their_place() {
    assert_eq!(broken(&[0x08, 0x00, 0x08]), (3, Problem::TruncatedVarint));
    assert_eq!(broken(&[0x08, 0xff, 0xff]), (1, Problem::TruncatedVarint));
    assert_eq!(broken(&[&[0x08][..], &[0xff; 9], &[0x02]].concat()), (1, Problem::VarintTooLong));
    assert_eq!(broken(&[0x00, 0x00]), (0, Problem::BadNumber(0)));
    assert_eq!(broken(&[0x0e]), (0, Problem::BadWireType(6)));
    assert_eq!(broken(&[0x12, 0x05, b'h', b'i']), (2, Problem::Truncated { number: 2, needed: 3 }));
    let endless = [&[0x4a][..], &[0xff; 8], &[0x7f]].concat();
    assert_eq!(broken(&endless), (10, Problem::Truncated { number: 9, needed: (1 << 63) - 1 }));
    assert_eq!(broken(&[0x1d, 1]), (1, Problem::Truncated { number: 3, needed: 3 }));
    assert_eq!(broken(&[0x0c]), (0, Problem::StrayGroupEnd(1)));
    assert_eq!(broken(&[0x0b, 0x14]), (1, Problem::StrayGroupEnd(2)));
    assert_eq!(broken(&[0x0b, 0x08, 0x01]), (0, Problem::OpenGroup(1)));
    assert_eq!(broken(&[0x0b; 1000]).1, Problem::TooDeep);
}

proptest! {
    #[test]
    fn any_bytes_are_walked_to_an_end(bytes: Vec<u8>) {
        let mut last = 0;
        for field in Fields::of(&bytes) {
            match field {
                Ok(field) => {
                    prop_assert!(field.offset >= last && field.offset < bytes.len());
                    last = field.offset;
                }
                Err(broken) => prop_assert!(broken.offset <= bytes.len()),
            }
        }
        let _ = packed_varints(&bytes);
    }

    #[test]
    fn varints_are_read_as_they_are_written(values: Vec<u64>) {
        let mut bytes = Vec::new();
        for value in &values {
            prost::encoding::encode_varint(*value, &mut bytes);
        }
        prop_assert_eq!(packed_varints(&bytes).unwrap(), values);
    }
}

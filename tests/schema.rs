//! The committed protobuf code and descriptor are what `msync.proto` says.

use std::{env, fs, path::PathBuf};

use prost::Message;

/// Set to rewrite the generated files in place of comparing them.
const UPDATE: &str = "UPDATE_SCHEMA";

fn schema_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/protocol/schema")
}

fn generated() -> (String, Vec<u8>) {
    let descriptors = protox::compile(["msync.proto"], [schema_folder()]).unwrap();
    let binary = {
        let mut bare = descriptors.clone();
        for file in &mut bare.file {
            file.source_code_info = None;
        }
        bare.encode_to_vec()
    };
    let out = tempfile::tempdir().unwrap();
    prost_build::Config::new().bytes(["."]).out_dir(out.path()).compile_fds(descriptors).unwrap();
    let code = fs::read_to_string(out.path().join("easemob.pb.rs")).unwrap();
    (code, binary)
}

#[test]
fn the_generated_schema_is_current() {
    let (code, binary) = generated();
    let code_path = schema_folder().join("msync.rs");
    let binary_path = schema_folder().join("msync.bin");
    if env::var_os(UPDATE).is_some() {
        fs::write(&code_path, code).unwrap();
        fs::write(&binary_path, binary).unwrap();
        return;
    }
    assert!(
        fs::read_to_string(&code_path).unwrap() == code && fs::read(&binary_path).unwrap() == binary,
        "src/protocol/schema is out of date: run `{UPDATE}=1 cargo test the_generated_schema`"
    );
}

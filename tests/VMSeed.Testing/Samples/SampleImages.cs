namespace VMSeed.Testing.Samples;

/// <summary>Disk images that the hypervisors' own products have made, and what they hold.</summary>
/// <remarks>
/// Digests and lengths are those of <c>qemu-img convert -O raw</c> (QEMU 7.2), which is run again
/// beside them; of the image with a log to replay, after <c>qemu-img check -r all</c>. The
/// differencing VHD is taken over a parent of zeros.
/// </remarks>
public static class SampleImages
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<SampleImage> All { get; } =
    [
        new(
            "cosmos/Filesystem.vmdk",
            "vmdk",
            536_870_912,
            "6f67cc1c4c8f2655229895dce5d86df216aae59df746113f0f366ebfaae08e01",
            "3f20ea85d6aeed0687e0087e17f14538fa0a198fee9dd583b99f20c7d4b73455"),
        new(
            "dfvfs/ext2.qcow2",
            "qcow2",
            4_194_304,
            "a6c2f0e39afe6c6ab432ca5465349fcefe8dc944398e97b2d957d3f89dbb5d80",
            "f98173f0b47e217fc54169558d9ffcebf1f53b50e17db5c311bd10b8c5241fd2"),
        new(
            "dfvfs/ext2.vhd",
            "vpc",
            4_212_736,
            "870be7ae16c1fa8faab05c6eb9205dc9a7ae35c5f552c5cf8a267c0bc6a5cb99",
            "f98173f0b47e217fc54169558d9ffcebf1f53b50e17db5c311bd10b8c5241fd2"),
        new(
            "dfvfs/ext2.vmdk",
            "vmdk",
            4_194_304,
            "a6c2f0e39afe6c6ab432ca5465349fcefe8dc944398e97b2d957d3f89dbb5d80",
            "f98173f0b47e217fc54169558d9ffcebf1f53b50e17db5c311bd10b8c5241fd2"),
        new(
            "dfvfs/fat-differential.vhd",
            "vpc",
            4_194_304,
            "9e96fac774e2e3606e0e3d5f1152844ca3c6a45ed45e61f36586b2cd60b19d3f",
            "f65fe8702388452a3a53184b5ff617ec16895187b9a096ae263596492d9025d6"),
        new(
            "dfvfs/windows_volume.qcow2",
            "qcow2",
            35_913_728,
            "44abe9deca9658f331a2bdba2deb53192d04f35d157a1fb3ba0597b03f0524f2",
            "f80ebb69ac6d3466cf8db0fe6bb8709e8cd445549bee7bc112091aec05e1fc12"),
        new(
            "discutils-tests/btrfs.vhdx",
            "vhdx",
            1_073_741_824,
            "0b959f9cb4e18348ad8b646f152178282542c8304f02fddf765e3fd1a1de6864",
            "b9b1f685fc856271528e2afae840b9319937dd19d8fbb85927cb575ad9858cad"),
        new(
            "discutils-tests/swap.vhdx",
            "vhdx",
            10_737_418_240,
            "60dd30b4c74361427d1089510cabb36e2eeda0cc4747f467ea43173acd358c49",
            "acce80a1b868ef567a5a195c29e9aca1f42c38cce4b599db9eddc33c3ddbda66"),
        new(
            "discutils-tests/vhdx-log-replay.vhdx",
            "vhdx",
            1_073_741_824,
            "3ba3b309425b7ff5e8e0199edceed95226250f880c53b24e8eae93865f3fad5e",
            "79a6aa5f25ef61fb78a053d1a7abb0e1fa69dda3bbc9079e95e1ec0f1f1cf04e"),
        new(
            "discutils-tests/xfs5.vhdx",
            "vhdx",
            10_737_418_240,
            "edc5d630b2da0ddb08992afb58ded06ffb56b884e184b4974fda16e31b7e6817",
            "d9c72069f884ff330d58bc9b6b2265c0597a9f2c025acd89551fef912f820510"),
        new(
            "plaso/vsstest.qcow2",
            "qcow2",
            1_073_741_824,
            "5cba558cfac0916cae697d2231dc1e17874aa262f2890f5236fb9c90b9610d0a",
            "510de98ca3dd6d5f810546e0f8109f662ec56d68fb1608502de229e9e01d8e8a"),
        new(
            "vmdk-forensic/compressed_stream_opt.vmdk",
            "vmdk",
            65_536,
            "55f4f09be519d8702500e4442b9efd7d58c912ea774d5f767c2444a02bcf8080",
            "3ddaa1596f597509eaf9075244fb9dbe6394531d32d0c0ae77ec763625bee2a4"),
        new(
            "vmdk-forensic/flat.vmdk",
            "vmdk",
            1_048_576,
            "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "vmdk-forensic/flat-f001.vmdk"),
        new(
            "vmdk-forensic/tw_sparse.vmdk",
            "vmdk",
            4_194_304,
            "bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "vmdk-forensic/tw_sparse-s001.vmdk"),
        new(
            "vmdk-rs/monolithicSparse.vmdk",
            "vmdk",
            10_485_760,
            "a3bcf05f07a1c06a3380eeca8571f0efb2b85afafa1e21662b8cad436d1f7727",
            "fc5b92782ddba785ec86f2addd2daf750588919b288a87ebc229265365b2edcd"),
        new(
            "vmdk-rs/streamOptimized.vmdk",
            "vmdk",
            10_485_760,
            "a3bcf05f07a1c06a3380eeca8571f0efb2b85afafa1e21662b8cad436d1f7727",
            "fc5b92782ddba785ec86f2addd2daf750588919b288a87ebc229265365b2edcd"),
        new(
            "vmdk-rs/streamOptimizedWithMarkers.vmdk",
            "vmdk",
            1_048_576,
            "92c0f8b4280377437056f57c51ef51a5f8aeb1462ac630ef0633febcbfc3db4e",
            "22bd847eb48c5268edba4ecdfe32cb176e9ae9b5c427ec1c0999f7c4c4d98f6b"),
        new(
            "vmdk-rs/twoGbMaxExtentSparse.vmdk",
            "vmdk",
            10_485_760,
            "a3bcf05f07a1c06a3380eeca8571f0efb2b85afafa1e21662b8cad436d1f7727",
            "fc5b92782ddba785ec86f2addd2daf750588919b288a87ebc229265365b2edcd",
            "vmdk-rs/twoGbMaxExtentSparse-s001.vmdk"),
        new(
            "vmdk-rs/vmfs_thick.vmdk",
            "vmdk",
            2_097_152,
            "8d43c795d24bce01b49f92744f934c1072210dcac170bb1c83a5aa56df46ab7d",
            "5415085109fa721be607a99fe6188dec5d701283a010bce95220cb969d7e07c2",
            "vmdk-rs/vmfs_thick-flat.vmdk"),
    ];

    /// <summary>A VHD whose footer's checksum is wrong: QEMU refuses it, and so must
    /// others.</summary>
    public static SampleImage Damaged { get; } = new("dfvfs/image.vhd", "vpc", 0, "", "");

    /// <summary>The names of the images of one format, as data of a theory.</summary>
    public static IEnumerable<Xunit.TheoryDataRow<string>> NamesOf(string format) =>
        All.Where(image => image.Format == format)
            .Select(image => new Xunit.TheoryDataRow<string>(image.Name));

    /// <summary>The image of a name.</summary>
    public static SampleImage Named(string name) => All.Single(image => image.Name == name);
}

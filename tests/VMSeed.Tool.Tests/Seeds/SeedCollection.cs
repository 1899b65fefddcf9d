namespace VMSeed.Tool.Tests.Seeds;

/// <summary>Tests that boot seeds: one guest at a time, and nothing beside it, for without KVM each
/// takes the whole machine.</summary>
[CollectionDefinition(nameof(SeedCollection), DisableParallelization = true)]
public sealed class SeedCollection : ICollectionFixture<SeedWorkshop>;

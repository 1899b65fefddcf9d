namespace VMSeed.ImageBuilder.Boot.Kernels;

/// <summary>A kernel that was taken out of a root.</summary>
/// <param name="Release">What <c>uname -r</c> says in it.</param>
/// <param name="File">The copy.</param>
/// <param name="ModulesFolder">Where in the root its modules are.</param>
internal sealed record Kernel(string Release, string File, string ModulesFolder);

using VMSeed.Nbd;
using VMSeed.Tool.Images;

namespace VMSeed.Tool.Exporting;

/// <summary>An image and what clients see of it.</summary>
internal sealed record OpenedExport(OpenedImage Image, NbdExport Export);

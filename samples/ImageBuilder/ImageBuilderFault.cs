namespace VMSeed.ImageBuilder;

/// <summary>Why something cannot be built.</summary>
public enum ImageBuilderFault
{
    /// <summary>A program or a package that the work needs is not installed.</summary>
    MissingTool = 0,

    /// <summary>A file, or a part of an image, that the work needs is not there.</summary>
    MissingInput = 1,

    /// <summary>What is there is of a kind that cannot be used.</summary>
    Unsupported = 2,

    /// <summary>What is there breaks the rules of its own kind.</summary>
    Damaged = 3,

    /// <summary>A program that did a part of the work has failed.</summary>
    ToolFailed = 4,
}
